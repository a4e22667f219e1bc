#include "node/io/config/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "common/errors.h"

enum { WHY_SIZE = 80 };

/* The larger number within {m}, {m,} or {m,n}; 1 where no interval begins here. */
static unsigned long interval_at(const char *at)
{
    char *end = NULL;
    if (*at != '{' || at[1] < '0' || at[1] > '9')
        return 1;
    unsigned long most = strtoul(at + 1, &end, 10);
    if (*end == ',' && end[1] >= '0' && end[1] <= '9')
        most = strtoul(end + 1, &end, 10);
    return most > 1 ? most : 1;
}

static int check_cost(const char *pattern, struct text *why)
{
    unsigned long repeats = 1;
    for (const char *at = pattern; *at != '\0'; at++) {
        if (*at == '\\' && at[1] >= '1' && at[1] <= '9') {
            text_set(why, "\\%c refers back, which may take for ever to match", at[1]);
            return ERR_INVALID;
        }
        if (*at == '\\' && at[1] != '\0') {
            at++;
            continue;
        }
        unsigned long here = interval_at(at);
        repeats = here > PATTERN_REPEAT_MAX ? PATTERN_REPEAT_MAX + 1UL : repeats * here;
        if (repeats > PATTERN_REPEAT_MAX) {
            text_set(why, "its repetitions multiply to more than %d", PATTERN_REPEAT_MAX);
            return ERR_INVALID;
        }
    }
    return 0;
}

int pattern_check(const char *pattern, struct text *why)
{
    regex_t compiled;
    char words[WHY_SIZE] = "";
    int result = check_cost(pattern, why);
    if (result != 0)
        return result;
    int code = regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB);
    if (code == 0) {
        regfree(&compiled);
        return 0;
    }
    (void)regerror(code, &compiled, words, sizeof words);
    text_set(why, "'%.60s' is no regular expression: %s", pattern, words);
    return ERR_INVALID;
}

int pattern_compile(const char *pattern, regex_t *ret_compiled)
{
    int code = regcomp(ret_compiled, pattern, REG_EXTENDED | REG_NOSUB);
    if (code == 0)
        return 0;
    return code == REG_ESPACE ? ERR_NO_MEMORY : ERR_INVALID;
}

bool pattern_matches(const regex_t *compiled, const char *bytes, size_t length)
{
    size_t end = length < PATTERN_TEXT_BYTES_MAX ? length : PATTERN_TEXT_BYTES_MAX;
    regmatch_t span[1] = {{.rm_so = 0, .rm_eo = (regoff_t)end}};
    return regexec(compiled, bytes, 1, span, REG_STARTEND) == 0;
}
