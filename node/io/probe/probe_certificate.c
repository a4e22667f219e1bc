#include "node/io/probe/probe_certificate.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/check.h"
#include "common/errors.h"

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static int find_month(const char *word, int *ret_month)
{
    for (size_t i = 0; i < ARRAY_COUNT(months); i++) {
        if (strcmp(word, months[i]) == 0) {
            *ret_month = (int)i;
            return 0;
        }
    }
    return ERR_MALFORMED;
}

static bool is_in_range(const struct tm *time)
{
    return time->tm_mon >= 0 && time->tm_mon < 12 && time->tm_mday >= 1 && time->tm_mday <= 31 &&
           time->tm_hour >= 0 && time->tm_hour < 24 && time->tm_min >= 0 && time->tm_min < 60 &&
           time->tm_sec >= 0 && time->tm_sec <= 60 && time->tm_year >= 1950 &&
           time->tm_year <= 9999;
}

int certificate_parse_time(const char *text, int64_t *ret_wall_s)
{
    char month[4] = "";
    struct tm time = {0};
    int end = 0;
    if (sscanf(text, "%3[A-Za-z] %2d %2d:%2d:%2d %4d GMT%n", month, &time.tm_mday, &time.tm_hour,
               &time.tm_min, &time.tm_sec, &time.tm_year, &end) == 6 &&
        end > 0) {
        if (find_month(month, &time.tm_mon) < 0) {
            return ERR_MALFORMED;
        }
    } else if (sscanf(text, "%4d-%2d-%2d %2d:%2d:%2d GMT%n", &time.tm_year, &time.tm_mon,
                      &time.tm_mday, &time.tm_hour, &time.tm_min, &time.tm_sec, &end) == 6 &&
               end > 0) {
        time.tm_mon -= 1;
    } else {
        return ERR_MALFORMED;
    }
    if (text[end] != '\0' || !is_in_range(&time)) {
        return ERR_MALFORMED;
    }
    time.tm_year -= 1900;
    *ret_wall_s = (int64_t)timegm(&time);
    return 0;
}
