#include "tests/lab/sim/journal.h"

#include "common/errors.h"
#include "common/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t lines_count(int fd)
{
    char bytes[65536];
    int64_t count = 0;
    ssize_t length;

    while ((length = read(fd, bytes, sizeof(bytes))) > 0) {
        for (ssize_t i = 0; i < length; i++)
            count += bytes[i] == '\n';
    }
    return length < 0 ? -1 : count;
}

int journal_open(struct journal *journal, const char *path, struct text *why)
{
    journal->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (journal->fd >= 0)
        journal->seq = lines_count(journal->fd);
    if (journal->fd < 0 || journal->seq < 0) {
        text_set(why, "journal %s: %s", path, strerror(errno));
        return ERR_IO;
    }
    return 0;
}

void journal_close(struct journal *journal)
{
    for (size_t i = 0; i < JOURNAL_KEPT; i++)
        free(journal->lines[i]);
    (void)close(journal->fd);
}

static void text_or_null_add(cJSON *line, const char *key, const char *text)
{
    if (text != NULL)
        (void)cJSON_AddStringToObject(line, key, text);
    else
        (void)cJSON_AddNullToObject(line, key);
}

static void number_or_null_add(cJSON *line, const char *key, int64_t number)
{
    if (number >= 0)
        (void)cJSON_AddNumberToObject(line, key, (double)number);
    else
        (void)cJSON_AddNullToObject(line, key);
}

static void term_add(cJSON *line, const char *term)
{
    char *end = NULL;
    long long number = term == NULL ? 0 : strtoll(term, &end, 10);

    if (end != NULL && end != term && *end == '\0')
        (void)cJSON_AddNumberToObject(line, "term", (double)number);
    else
        text_or_null_add(line, "term", term);
}

static void body_add(cJSON *line, const char *body, size_t length)
{
    cJSON *parsed = NULL;
    char hash[17] = "";

    if (length == 0) {
        (void)cJSON_AddNullToObject(line, "body_hash");
        (void)cJSON_AddNullToObject(line, "body");
        return;
    }
    (void)snprintf(hash, sizeof(hash), "%016llx",
                   (unsigned long long)hash_bytes(HASH_SEED, body, length));
    (void)cJSON_AddStringToObject(line, "body_hash", hash);
    parsed = cJSON_ParseWithLength(body, length);
    (void)cJSON_AddItemToObject(line, "body", parsed != NULL ? parsed : cJSON_CreateNull());
}

/* Enough to tell tokens apart, and to learn nothing of one. */
static void token_add(cJSON *line, const char *token)
{
    char hash[9] = "";

    if (token == NULL) {
        (void)cJSON_AddNullToObject(line, "token");
        return;
    }
    (void)snprintf(hash, sizeof(hash), "%08x",
                   (unsigned)(hash_mix(hash_bytes(HASH_SEED, token, strlen(token))) & 0xffffffff));
    (void)cJSON_AddStringToObject(line, "token", hash);
}

static char *line_print(const struct journal_entry *entry, int64_t seq)
{
    cJSON *line = cJSON_CreateObject();
    char *text;

    (void)cJSON_AddNumberToObject(line, "seq", (double)seq);
    (void)cJSON_AddNumberToObject(line, "wall_ms", (double)entry->wall_ms);
    (void)cJSON_AddNumberToObject(line, "mono_ms", (double)entry->mono_ms);
    (void)cJSON_AddNumberToObject(line, "done_ms", (double)entry->done_ms);
    (void)cJSON_AddStringToObject(line, "method", entry->method);
    (void)cJSON_AddStringToObject(line, "path", entry->path);
    text_or_null_add(line, "plan", entry->plan);
    text_or_null_add(line, "resource", entry->resource);
    (void)cJSON_AddNumberToObject(line, "status", entry->status);
    text_or_null_add(line, "key", entry->key);
    term_add(line, entry->term);
    (void)cJSON_AddNumberToObject(line, "peer_port", entry->peer_port);
    (void)cJSON_AddBoolToObject(line, "token_ok", entry->token_ok);
    token_add(line, entry->token);
    text_or_null_add(line, "grant", entry->grant);
    number_or_null_add(line, "version_sent", entry->version_sent);
    number_or_null_add(line, "version_after", entry->version_after);
    text_or_null_add(line, "state_before", entry->state_before);
    text_or_null_add(line, "state_after", entry->state_after);
    (void)cJSON_AddBoolToObject(line, "applied", entry->applied);
    text_or_null_add(line, "fault", entry->fault);
    text_or_null_add(line, "correlation", entry->correlation);
    body_add(line, entry->body, entry->body_length);
    text = cJSON_PrintUnformatted(line);
    cJSON_Delete(line);
    return text;
}

static int line_write(int fd, const char *text)
{
    char *line = NULL;
    int length = asprintf(&line, "%s\n", text);
    ssize_t written = length < 0 ? -1 : write(fd, line, (size_t)length);

    if (length >= 0)
        free(line);
    return written == (ssize_t)length && length >= 0 ? 0 : ERR_IO;
}

int journal_append(struct journal *journal, const struct journal_entry *entry)
{
    int64_t seq = journal->seq + 1;
    char **slot = &journal->lines[(size_t)seq % JOURNAL_KEPT];
    char *text = line_print(entry, seq);

    if (text == NULL)
        return ERR_NO_MEMORY;
    if (line_write(journal->fd, text) != 0) {
        free(text);
        return ERR_IO;
    }
    free(*slot);
    *slot = text;
    journal->seq = seq;
    if (journal->kept < JOURNAL_KEPT)
        journal->kept++;
    return 0;
}

char *journal_text(const struct journal *journal, int64_t seq)
{
    int64_t oldest = journal->seq - (int64_t)journal->kept + 1;
    int64_t first = seq + 1 > oldest ? seq + 1 : oldest;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    if (stream == NULL)
        return NULL;
    (void)fputc('[', stream);
    for (int64_t i = first; i <= journal->seq; i++)
        (void)fprintf(stream, "%s%s", i == first ? "" : ",\n",
                      journal->lines[(size_t)i % JOURNAL_KEPT]);
    (void)fputs("]\n", stream);
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
