#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/cmd/capture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct redirection {
    FILE *file;
    int stream;
    int kept;
};

static struct redirection redirect(int stream)
{
    struct redirection redirection = {.file = tmpfile(), .stream = stream, .kept = dup(stream)};
    assert_non_null(redirection.file);
    assert_true(dup2(fileno(redirection.file), stream) >= 0);
    return redirection;
}

static char *restore(struct redirection *redirection)
{
    assert_true(dup2(redirection->kept, redirection->stream) >= 0);
    close(redirection->kept);
    long length = lseek(fileno(redirection->file), 0, SEEK_END);
    char *text = calloc(1, (size_t)length + 1);
    assert_non_null(text);
    assert_int_equal(pread(fileno(redirection->file), text, (size_t)length, 0), length);
    fclose(redirection->file);
    return text;
}

static int split(char *line, char *words[CAPTURE_WORDS_MAX])
{
    int count = 0;
    words[count++] = line;
    for (char *p = line; *p != '\0'; p++) {
        if (*p == '~')
            *p = ' ';
        else if (*p == ' ' && count < CAPTURE_WORDS_MAX) {
            *p = '\0';
            words[count++] = p + 1;
        }
    }
    return count;
}

struct captured capture_line(const struct subcommand *const *table, size_t count, const char *line)
{
    struct captured captured = {.code = -1};
    char *words[CAPTURE_WORDS_MAX];
    char *copy = strdup(line);
    assert_non_null(copy);
    int word_count = split(copy, words);
    fflush(NULL);
    struct redirection out = redirect(STDOUT_FILENO);
    struct redirection err = redirect(STDERR_FILENO);
    captured.code = subcommand_dispatch(table, count, word_count, words);
    fflush(NULL);
    captured.err = restore(&err);
    captured.out = restore(&out);
    free(copy);
    return captured;
}

void captured_clear(struct captured *captured)
{
    free(captured->out);
    free(captured->err);
    memset(captured, 0, sizeof *captured);
}
