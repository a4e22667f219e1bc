#include <sodium.h>
#include <string.h>

#include "common/errors.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"
#include "node/io/bus/identity.h"
#include "node/io/config/seal_key.h"

/* The line itself is the secret: it is never printed. */
static enum exit_code make_seal(const char *out)
{
    struct text why = {.length = 0};
    char line[SEAL_KEY_TEXT_SIZE + 1];
    seal_key_make(line);
    size_t length = strlen(line);
    line[length++] = '\n';
    int result = identity_write_secret(out, line, length, &why);
    sodium_memzero(line, sizeof line);
    if (result != 0) {
        terminal_error("%s", why.bytes);
        return exit_code_of_error(result);
    }
    printf("%s: give it to every node, as `seal: {credential: NAME}`\n", out);
    return EXIT_OK;
}

static enum exit_code keygen(const struct arguments *arguments)
{
    const char *out = arguments_value(arguments, OPTION_OUT);
    const char *shown = arguments_value(arguments, OPTION_SHOW);
    struct identity identity;
    struct text why = {.length = 0};
    char words[IDENTITY_TEXT_SIZE];
    bool seal = arguments_have(arguments, OPTION_SEAL);
    if (seal && out != NULL && shown == NULL)
        return make_seal(out);
    if (seal) {
        terminal_error("keygen: --seal goes with --out FILE");
        return EXIT_USAGE;
    }
    if ((out == NULL) == (shown == NULL)) {
        terminal_error("keygen: either --out FILE or --show FILE is wanted");
        return EXIT_USAGE;
    }
    text_set(&why, "no randomness, or libsodium does not start");
    int result =
        shown != NULL ? identity_load(shown, &identity, &why) : identity_generate(&identity);
    if (result == 0 && out != NULL)
        result = identity_save(&identity, out, &why);
    if (result != 0) {
        terminal_error("%s", why.bytes);
        return result == ERR_MALFORMED ? EXIT_INVALID : exit_code_of_error(result);
    }
    printf("key: \"%s\"\n", identity_public_text(identity.public_key, words));
    identity_wipe(&identity);
    return EXIT_OK;
}

const struct subcommand command_keygen = {
    .name = "keygen",
    .arguments = "--out FILE | --show FILE | --seal --out FILE",
    .summary = "Makes a node's secret key, and prints the public line for the configuration",
    .help = "  quorate keygen --out /etc/quorate/node.key\n"
            "  quorate keygen --show /etc/quorate/node.key\n"
            "  quorate keygen --seal --out /etc/quorate/seal.key\n",
    .options = OPTION_BIT(OPTION_OUT) | OPTION_BIT(OPTION_SHOW) | OPTION_BIT(OPTION_SEAL),
    .run = keygen,
};
