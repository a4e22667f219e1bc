#include "node/io/probe/probe_word.h"

#include <stdarg.h>
#include <string.h>

#include <stdio.h>

void probe_word_set(struct probe_word *ret_word, enum sample_result result, const char *format, ...)
{
    va_list arguments;
    memset(ret_word, 0, sizeof *ret_word);
    ret_word->result = result;
    va_start(arguments, format);
    int length = vsnprintf(ret_word->detail, sizeof ret_word->detail, format, arguments);
    va_end(arguments);
    if (length < 0)
        ret_word->detail[0] = '\0';
    for (char *at = ret_word->detail; *at != '\0'; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
}
