#include "common/duration.h"

#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"

struct unit {
    const char *name;
    time_ms factor_ms;
};

static const time_ms duration_ms_max = INT64_C(10) * 365 * 24 * 3600 * 1000;

/* In falling order, as a chain must be. */
static const struct unit units[] = {
    {"d", 24 * 3600 * 1000}, {"h", 3600 * 1000}, {"m", 60 * 1000}, {"s", 1000}, {"ms", 1},
};

/* Reads one number of digits from *word and moves *word behind it. */
static int parse_number(const char **word, time_ms *ret_number)
{
    const char *at = *word;
    time_ms number = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (*at - '0');
        if (number > duration_ms_max)
            return ERR_TOO_LARGE;
    }
    if (at == *word)
        return ERR_INVALID;
    *word = at;
    *ret_number = number;
    return 0;
}

/* Reads one unit that is smaller than all before `first_allowed`. */
static int parse_unit(const char **word, size_t first_allowed, size_t *ret_unit)
{
    size_t length = strspn(*word, "abcdefghijklmnopqrstuvwxyz");
    for (size_t i = first_allowed; i < ARRAY_COUNT(units); i++) {
        if (strlen(units[i].name) == length && memcmp(units[i].name, *word, length) == 0) {
            *word += length;
            *ret_unit = i;
            return 0;
        }
    }
    return ERR_INVALID;
}

int duration_parse(const char *word, time_ms *ret_duration)
{
    time_ms sum = 0;
    size_t unit_index = 0;
    size_t first_allowed = 0;
    do {
        time_ms number = 0;
        int error = parse_number(&word, &number);
        if (error == 0)
            error = parse_unit(&word, first_allowed, &unit_index);
        if (error != 0)
            return error;
        first_allowed = unit_index + 1;
        if (number > (duration_ms_max - sum) / units[unit_index].factor_ms)
            return ERR_TOO_LARGE;
        sum += number * units[unit_index].factor_ms;
    } while (*word != '\0');
    *ret_duration = sum;
    return 0;
}

const char *duration_format(time_ms duration, char buffer[DURATION_BYTES])
{
    /* Unsigned, so that the smallest time_ms has a magnitude, too. */
    uint64_t rest = duration < 0 ? -(uint64_t)duration : (uint64_t)duration;
    size_t length = 0;
    if (duration == 0)
        memcpy(buffer, "0s", sizeof "0s");
    if (duration < 0)
        buffer[length++] = '-';
    for (size_t i = 0; i < ARRAY_COUNT(units) && rest > 0; i++) {
        uint64_t number = rest / (uint64_t)units[i].factor_ms;
        rest %= (uint64_t)units[i].factor_ms;
        if (number > 0)
            length += (size_t)snprintf(buffer + length, DURATION_BYTES - length, "%llu%s",
                                       (unsigned long long)number, units[i].name);
    }
    return buffer;
}
