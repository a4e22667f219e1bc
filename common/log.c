#include "common/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "common/check.h"

enum { LINE_BYTES = 2048, NODE_BYTES = 64 };

/* The sink is, with main's stop flag, the process's only mutable state of file scope. log_open
 * writes it before other threads start; they only read it. */
static struct {
    enum log_level level;
    char node[NODE_BYTES];
} sink = {.level = LOG_INFO};

static const char *const level_names[LOG_LEVEL_N] = {"debug", "info", "warn", "error"};

struct line {
    char bytes[LINE_BYTES];
    size_t length; /* at most LINE_BYTES - 1; the last byte is kept for the newline */
};

static void line_add_list(struct line *line, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));
static void line_add(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void line_add_list(struct line *line, const char *format, va_list list)
{
    size_t room = sizeof line->bytes - line->length;
    int wanted = vsnprintf(line->bytes + line->length, room, format, list);
    if (wanted < 0)
        return;
    line->length = (size_t)wanted < room ? line->length + (size_t)wanted : sizeof line->bytes - 1;
}

static void line_add(struct line *line, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    line_add_list(line, format, list);
    va_end(list);
}

static void line_add_time(struct line *line)
{
    struct timespec now = {0};
    struct tm utc = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    line_add(line, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
             utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(now.tv_nsec / 1000000));
}

/* A value that somebody else chose must not be able to look like a second event. */
static void line_finish(struct line *line)
{
    for (size_t i = 0; i < line->length; i++) {
        unsigned char byte = (unsigned char)line->bytes[i];
        if (byte < ' ' || byte == 0x7f)
            line->bytes[i] = ' ';
    }
    line->bytes[line->length++] = '\n';
}

void log_open(enum log_level level, const char *node)
{
    CHECK(level < LOG_LEVEL_N);
    sink.level = level;
    snprintf(sink.node, sizeof sink.node, "%s", node != NULL ? node : "");
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    if (level < sink.level)
        return;
    CHECK(level < LOG_LEVEL_N);
    struct line line = {.length = 0};
    line_add_time(&line);
    line_add(&line, " %s %s", level_names[level], event);
    if (sink.node[0] != '\0')
        line_add(&line, " node=%s", sink.node);
    if (format[0] != '\0') {
        va_list list;
        line_add(&line, " ");
        va_start(list, format);
        line_add_list(&line, format, list);
        va_end(list);
    }
    line_finish(&line);
    if (write(STDERR_FILENO, line.bytes, line.length) < 0)
        return; /* there is no place to say that there is no place */
}
