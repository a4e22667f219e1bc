#include "node/io/config/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "common/errors.h"

enum { WHY_SIZE = 80, DEPTH_MAX = 128 };

/* How many parts libc makes of a pattern: it writes repetitions out, so that `a{9}` are nine, `a+`
 * two, and what is nested multiplies. */
struct parts {
    unsigned before[DEPTH_MAX]; /* within each open parenthesis: what stands before the last part */
    unsigned last[DEPTH_MAX];   /* ... and in it; 0 where there is none to repeat */
    size_t depth;
    bool over;
};

static void check_parts(struct parts *parts)
{
    unsigned here = parts->before[parts->depth] + parts->last[parts->depth];
    parts->over = parts->over || here > PATTERN_PARTS_MAX;
}

static void add_part(struct parts *parts, unsigned count)
{
    parts->before[parts->depth] += parts->last[parts->depth];
    parts->last[parts->depth] = count;
    check_parts(parts);
}

/* A repetition of nothing is a letter. */
static void repeat_part(struct parts *parts, unsigned long times)
{
    if (parts->last[parts->depth] == 0) {
        add_part(parts, 1);
        return;
    }
    parts->last[parts->depth] *=
        times > PATTERN_PARTS_MAX ? PATTERN_PARTS_MAX + 1U : (unsigned)times;
    check_parts(parts);
}

static void open_group(struct parts *parts)
{
    if (parts->depth + 1 == DEPTH_MAX) {
        parts->over = true;
        return;
    }
    parts->depth += 1;
    parts->before[parts->depth] = 0;
    parts->last[parts->depth] = 0;
}

static void close_group(struct parts *parts)
{
    unsigned inside = parts->before[parts->depth] + parts->last[parts->depth];
    if (parts->depth > 0)
        parts->depth -= 1;
    add_part(parts, inside + 1);
}

/* The last byte of the bracket expression that begins here, e.g. [^]a[:digit:]]. */
static const char *skip_bracket(const char *at)
{
    at += at[1] == '^' ? 2 : 1;
    if (*at == ']')
        at++;
    while (*at != '\0' && *at != ']') {
        bool is_class = *at == '[' && (at[1] == ':' || at[1] == '.' || at[1] == '=');
        char end[3] = {at[1], ']', '\0'};
        const char *closed = is_class ? strstr(at + 2, end) : NULL;
        at = closed != NULL ? closed + 2 : at + 1;
    }
    return *at == '\0' ? at - 1 : at;
}

/* The last byte of {m}, {m,} or {m,n}, with the larger number; NULL where none begins here. */
static const char *read_interval(const char *at, unsigned long *ret_times)
{
    char *end = NULL;
    if (at[1] < '0' || at[1] > '9')
        return NULL;
    unsigned long times = strtoul(at + 1, &end, 10);
    if (*end == ',' && end[1] >= '0' && end[1] <= '9')
        times = strtoul(end + 1, &end, 10);
    else if (*end == ',')
        end++;
    if (*end != '}')
        return NULL;
    *ret_times = times > 1 ? times : 1;
    return end;
}

/* Takes the part that begins here; gives its last byte. */
static const char *take_part(struct parts *parts, const char *at)
{
    unsigned long times = 1;
    const char *end = at;
    switch (*at) {
    case '(':
        open_group(parts);
        break;
    case ')':
        close_group(parts);
        break;
    case '|':
        add_part(parts, 0);
        break;
    case '*':
    case '?':
        repeat_part(parts, 1);
        break;
    case '+':
        repeat_part(parts, 2);
        break;
    case '{':
        end = read_interval(at, &times);
        repeat_part(parts, times);
        break;
    case '[':
        end = skip_bracket(at);
        add_part(parts, 1);
        break;
    default:
        end = *at == '\\' && at[1] != '\0' ? at + 1 : at;
        add_part(parts, 1);
    }
    return end != NULL ? end : at;
}

static int check_cost(const char *pattern, struct text *why)
{
    struct parts parts = {.depth = 0};
    for (const char *at = pattern; *at != '\0' && !parts.over; at++) {
        if (*at == '\\' && at[1] >= '1' && at[1] <= '9') {
            text_set(why, "\\%c refers back, which may take for ever to match", at[1]);
            return ERR_INVALID;
        }
        at = take_part(&parts, at);
    }
    while (parts.depth > 0 &&
           !parts.over) /* never closed: not a pattern, but libc finds that late */
        close_group(&parts);
    if (!parts.over)
        return 0;
    text_set(why, "its repetitions, written out, have more than %d parts", PATTERN_PARTS_MAX);
    return ERR_INVALID;
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
