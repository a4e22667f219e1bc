#include "common/errors.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"
#include "node/io/bus/identity.h"

static enum exit_code keygen(const struct arguments *arguments)
{
    const char *out = arguments_value(arguments, OPTION_OUT);
    const char *shown = arguments_value(arguments, OPTION_SHOW);
    struct identity identity;
    struct text why = {.length = 0};
    char words[IDENTITY_TEXT_SIZE];
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
    .arguments = "--out FILE | --show FILE",
    .summary = "Makes a node's secret key, and prints the public line for the configuration",
    .help = "  quorate keygen --out /etc/quorate/node.key\n"
            "  quorate keygen --show /etc/quorate/node.key\n",
    .options = OPTION_BIT(OPTION_OUT) | OPTION_BIT(OPTION_SHOW),
    .run = keygen,
};
