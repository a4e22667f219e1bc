#include "node/cmd/exit_codes.h"

#include <stddef.h>

#include "common/check.h"
#include "common/errors.h"

struct exit_row {
    enum exit_code code;
    const char *text;
};

static const struct exit_row rows[] = {
    {EXIT_OK, "done, or the answer is yes"},
    {EXIT_FAILED, "something failed that has no code of its own; the message says what"},
    {EXIT_USAGE, "the command line is wrong"},
    {EXIT_INVALID, "the configuration, or a value in the request, cannot be accepted"},
    {EXIT_NOT_FOUND, "the named service, or key file, does not exist"},
    {EXIT_REFUSED, "the cluster, or the routing API, said no; the message says why"},
    {EXIT_NO_QUORUM, "no quorum, no leader, or the cluster is not initialised"},
    {EXIT_UNREACHABLE, "a node or the routing API could not be reached"},
    {EXIT_AUTH, "a token, key, certificate or credential was refused or is missing"},
    {EXIT_DAMAGED, "the ledger on disk is damaged or of another version; the node did not start"},
    {EXIT_BUSY, "a port or the data folder is in use by another process"},
    {EXIT_IO, "a file cannot be read or written, or the disk failed or is full"},
    {EXIT_UNKNOWN, "sent, but without an answer in time: look before you repeat it"},
    {EXIT_NOT_LEADER, "leader --self: this node does not lead"},
    {EXIT_MOVE_ENDED, "--wait: the move was aborted, blocked, or could not be verified"},
    {EXIT_PREFLIGHT, "check --online: a check failed; the table says which, and what to do"},
};

enum exit_code exit_code_of_error(int error)
{
    switch (error) {
    case 0:
        return EXIT_OK;
    case ERR_INVALID:
    case ERR_TOO_LARGE:
        return EXIT_INVALID;
    case ERR_NOT_FOUND:
        return EXIT_NOT_FOUND;
    case ERR_CONFLICT:
    case ERR_EXISTS:
    case ERR_STATE:
        return EXIT_REFUSED;
    case ERR_NETWORK:
        return EXIT_UNREACHABLE;
    case ERR_AUTH:
    case ERR_FORBIDDEN:
        return EXIT_AUTH;
    case ERR_DAMAGED:
    case ERR_MALFORMED:
    case ERR_VERSION:
        return EXIT_DAMAGED;
    case ERR_BUSY:
        return EXIT_BUSY;
    case ERR_IO:
    case ERR_FULL:
        return EXIT_IO;
    case ERR_TIMEOUT:
        return EXIT_UNKNOWN;
    default:
        return EXIT_FAILED;
    }
}

enum exit_code exit_code_of_status(long status)
{
    switch (status) {
    case 400:
    case 413:
        return EXIT_INVALID;
    case 401:
    case 403:
        return EXIT_AUTH;
    case 404:
        return EXIT_NOT_FOUND;
    case 409:
        return EXIT_REFUSED;
    case 503:
        return EXIT_NO_QUORUM;
    default:
        return status >= 200 && status < 300 ? EXIT_OK : EXIT_FAILED;
    }
}

void exit_codes_print(FILE *out)
{
    fprintf(out, "exit codes\n");
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        fprintf(out, "  %2d  %s\n", (int)rows[i].code, rows[i].text);
}
