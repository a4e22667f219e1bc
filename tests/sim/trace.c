#include "tests/sim/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"

enum { LINE_BYTES = 256 };

void trace_fini(struct trace *trace)
{
    free(trace->text);
    memset(trace, 0, sizeof *trace);
}

static void append(struct trace *trace, const char *text)
{
    size_t length = strlen(text);
    if (trace->length + length + 1 > trace->capacity) {
        trace->capacity = (trace->capacity + length + 1) * 2;
        trace->text = realloc(trace->text, trace->capacity);
        CHECK(trace->text != NULL);
    }
    memcpy(trace->text + trace->length, text, length + 1);
    trace->length += length;
}

void trace_add(struct trace *trace, time_ms now_ms, node_id node, const char *format, ...)
{
    if (!trace->on)
        return;
    char line[LINE_BYTES];
    int length = node == 0 ? snprintf(line, sizeof line, "%6lld --  ", (long long)now_ms)
                           : snprintf(line, sizeof line, "%6lld n%u  ", (long long)now_ms, node);
    CHECK(length > 0 && (size_t)length < sizeof line);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line + length, sizeof line - (size_t)length, format, arguments);
    va_end(arguments);
    append(trace, line);
    append(trace, "\n");
}

static size_t line_length(const char *text)
{
    const char *end = strchr(text, '\n');
    return end == NULL ? strlen(text) : (size_t)(end - text) + 1;
}

int trace_compare(const struct trace *trace, const char *path)
{
    CLEANUP(cleanup_fclose) FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        return -1;
    }
    const char *seen = trace->text == NULL ? "" : trace->text;
    char line[LINE_BYTES + 2];
    int number = 1;
    while (fgets(line, sizeof line, file) != NULL) {
        size_t length = line_length(seen);
        if (strlen(line) != length || memcmp(line, seen, length) != 0) {
            fprintf(stderr, "%s:%d:\n  expected %s  seen     %.*s\n", path, number, line,
                    (int)length, seen);
            return number;
        }
        seen += length;
        number++;
    }
    if (*seen == '\0')
        return 0;
    fprintf(stderr, "%s:%d:\n  expected the end\n  seen     %.*s\n", path, number,
            (int)line_length(seen), seen);
    return number;
}

int trace_write(const struct trace *trace, const char *path)
{
    CLEANUP(cleanup_fclose) FILE *file = fopen(path, "w");
    if (file == NULL)
        return ERR_IO;
    if (trace->length > 0 && fwrite(trace->text, 1, trace->length, file) != trace->length)
        return ERR_IO;
    return 0;
}
