#include "tests/lab/sim/token.h"

#include "common/errors.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

enum { MINUTE_MS = 60000 };

int token_client_add(struct token_book *book, const char *id_and_secret)
{
    if (strchr(id_and_secret, ':') == NULL)
        return ERR_INVALID;
    if (book->client_count == CLIENTS_MAX)
        return ERR_FULL;
    if (text_copy(book->clients[book->client_count], CLIENT_BYTES, id_and_secret) != 0)
        return ERR_INVALID;
    book->client_count++;
    return 0;
}

static int base64_value(char letter)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *place = letter == '\0' ? NULL : strchr(alphabet, letter);

    return place == NULL ? -1 : (int)(place - alphabet);
}

static int base64_decode(const char *word, char *ret_text, size_t size)
{
    uint32_t bits = 0;
    unsigned bit_count = 0;
    size_t length = 0;

    for (; *word != '\0' && *word != '='; word++) {
        int value = base64_value(*word);

        if (value < 0)
            return ERR_MALFORMED;
        bits = (bits << 6 | (uint32_t)value) & 0xffffff;
        bit_count += 6;
        if (bit_count < 8)
            continue;
        if (length + 1 >= size)
            return ERR_TOO_LARGE;
        bit_count -= 8;
        ret_text[length++] = (char)(unsigned char)(bits >> bit_count & 0xff);
    }
    ret_text[length] = '\0';
    return 0;
}

enum client_verdict token_client_judge(const struct token_book *book, const char *authorization,
                                       size_t *ret_client)
{
    char given[CLIENT_BYTES] = "";
    enum client_verdict verdict = CLIENT_UNKNOWN;
    const char *colon;

    if (authorization == NULL || strncasecmp(authorization, "Basic ", 6) != 0 ||
        base64_decode(authorization + 6, given, sizeof(given)) != 0)
        return CLIENT_UNKNOWN;
    colon = strchr(given, ':');
    if (colon == NULL)
        return CLIENT_UNKNOWN;
    for (size_t i = 0; i < book->client_count; i++) {
        if (text_equal_secret(book->clients[i], given)) {
            *ret_client = i;
            return CLIENT_GOOD;
        }
        if (strncmp(book->clients[i], given, (size_t)(colon - given) + 1) == 0)
            verdict = CLIENT_WRONG_SECRET;
    }
    return verdict;
}

size_t token_client_find(const struct token_book *book, const char *id)
{
    size_t length = strlen(id);
    size_t i = 0;

    while (i < book->client_count &&
           (strncmp(book->clients[i], id, length) != 0 || book->clients[i][length] != ':'))
        i++;
    return i;
}

int token_mint(struct token_book *book, size_t client, time_ms now_ms, const char **ret_value)
{
    struct token *token = &book->tokens[book->minted_count % TOKENS_MAX];
    unsigned char random[(TOKEN_BYTES - 1) / 2];

    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return ERR_INTERNAL;
    *token = (struct token){.client = client};
    for (size_t i = 0; i < sizeof(random); i++)
        (void)snprintf(token->value + 2 * i, 3, "%02x", random[i]);
    token->expires_ms = now_ms + book->life_ms;
    token->minute_ms = now_ms;
    book->minted_count++;
    *ret_value = token->value;
    return 0;
}

static size_t token_count(const struct token_book *book)
{
    return book->minted_count < TOKENS_MAX ? book->minted_count : TOKENS_MAX;
}

static struct token *token_find(struct token_book *book, const char *value, time_ms now_ms)
{
    for (size_t i = 0; i < token_count(book); i++) {
        if (strcmp(book->tokens[i].value, value) == 0)
            return now_ms < book->tokens[i].expires_ms ? &book->tokens[i] : NULL;
    }
    return NULL;
}

struct token *token_of(struct token_book *book, const char *authorization, time_ms now_ms)
{
    if (authorization == NULL || strncasecmp(authorization, "Bearer ", 7) != 0)
        return NULL;
    return token_find(book, authorization + 7, now_ms);
}

static int reset_in_s(time_ms minute_ms, time_ms now_ms)
{
    return (int)((minute_ms + MINUTE_MS - now_ms + 999) / 1000);
}

bool token_write_count(struct token *token, size_t endpoint, int count_max, time_ms now_ms,
                       int *ret_reset_s)
{
    struct token_writes *writes = &token->writes[endpoint % TOKEN_ENDPOINTS_MAX];

    if (writes->count == 0 || now_ms - writes->minute_ms >= MINUTE_MS)
        *writes = (struct token_writes){.minute_ms = now_ms};
    *ret_reset_s = reset_in_s(writes->minute_ms, now_ms);
    if (count_max > 0 && writes->count == count_max)
        return false;
    writes->count++;
    return true;
}

enum token_verdict token_use(struct token_book *book, const char *authorization, time_ms now_ms,
                             struct token_rate *ret_rate)
{
    struct token *token;

    *ret_rate = (struct token_rate){.allowed = book->rate_per_minute, .reset_s = MINUTE_MS / 1000};
    if (authorization == NULL || strncasecmp(authorization, "Bearer ", 7) != 0)
        return TOKEN_MISSING;
    token = token_of(book, authorization, now_ms);
    if (token == NULL)
        return TOKEN_BAD;
    if (now_ms - token->minute_ms >= MINUTE_MS) {
        token->minute_ms = now_ms;
        token->count = 0;
    }
    token->count++;
    ret_rate->count = token->count;
    ret_rate->reset_s = reset_in_s(token->minute_ms, now_ms);
    return TOKEN_GOOD;
}

size_t token_expire_all(struct token_book *book, time_ms now_ms)
{
    size_t alive = 0;

    for (size_t i = 0; i < token_count(book); i++) {
        if (now_ms < book->tokens[i].expires_ms)
            alive++;
        book->tokens[i].expires_ms = now_ms;
    }
    return alive;
}
