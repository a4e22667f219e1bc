#include "node/io/config/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void problems_open(struct problem_list *list, struct config_problems *lines, const char *file)
{
    memset(lines, 0, sizeof *lines);
    memset(list, 0, sizeof *list);
    list->lines = lines;
    list->file = file;
}

static void make_printable(struct text *text)
{
    for (size_t i = 0; i < text->length; i++) {
        unsigned char byte = (unsigned char)text->bytes[i];
        if (byte < 0x20 || byte == 0x7f)
            text->bytes[i] = '?';
    }
}

static bool stands_already(const struct config_problems *lines, const struct text *line)
{
    for (size_t i = 0; i < lines->count && i < PROBLEM_COUNT_MAX; i++) {
        if (strcmp(lines->lines[i].bytes, line->bytes) == 0)
            return true;
    }
    return false;
}

void problems_add(struct problem_list *list, int line, const char *key, const char *format, ...)
{
    char message[TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);

    struct text whole = {.length = 0};
    text_add(&whole, "%s:", list->file);
    if (line > 0)
        text_add(&whole, "%d:", line);
    if (key[0] != '\0')
        text_add(&whole, " %.120s:", key);
    text_add(&whole, " %s", length < 0 ? "?" : message);
    make_printable(&whole);
    if (stands_already(list->lines, &whole))
        return;
    if (list->lines->count < PROBLEM_COUNT_MAX) {
        list->lines->lines[list->lines->count] = whole;
        list->places[list->lines->count] = line;
    }
    list->lines->count++;
}

void problems_sort(struct problem_list *list)
{
    struct text *lines = list->lines->lines;
    size_t count = list->lines->count < PROBLEM_COUNT_MAX ? list->lines->count : PROBLEM_COUNT_MAX;
    for (size_t i = 1; i < count; i++) {
        struct text line = lines[i];
        int place = list->places[i];
        size_t at = i;
        for (; at > 0 && list->places[at - 1] > place; at--) {
            lines[at] = lines[at - 1];
            list->places[at] = list->places[at - 1];
        }
        lines[at] = line;
        list->places[at] = place;
    }
}
