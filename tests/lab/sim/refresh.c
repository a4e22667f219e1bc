#include "tests/lab/sim/refresh.h"

#include "common/errors.h"
#include "common/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { RANDOM_BYTES = 24 };

int refresh_add(struct refresh_book *book, const char *value)
{
    struct refresh *refresh = &book->refreshes[book->made_count % REFRESHES_MAX];

    if (value[0] == '\0' || text_copy(refresh->value, sizeof(refresh->value), value) != 0)
        return ERR_INVALID;
    refresh->dies_ms = INT64_MAX;
    book->made_count++;
    return 0;
}

static size_t refresh_count(const struct refresh_book *book)
{
    return book->made_count < REFRESHES_MAX ? book->made_count : REFRESHES_MAX;
}

static struct refresh *refresh_find(struct refresh_book *book, const char *value, time_ms now_ms)
{
    for (size_t i = 0; i < refresh_count(book); i++) {
        if (now_ms < book->refreshes[i].dies_ms &&
            text_equal_secret(book->refreshes[i].value, value))
            return &book->refreshes[i];
    }
    return NULL;
}

int refresh_rotate(struct refresh_book *book, const char *value, time_ms now_ms,
                   const char **ret_value)
{
    struct refresh *old = refresh_find(book, value, now_ms);
    unsigned char random[RANDOM_BYTES];
    char made[2 * RANDOM_BYTES + 1] = "";

    if (old == NULL)
        return ERR_NOT_FOUND;
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return ERR_INTERNAL;
    for (size_t i = 0; i < sizeof(random); i++)
        (void)snprintf(made + 2 * i, 3, "%02x", random[i]);
    if (old->dies_ms == INT64_MAX)
        old->dies_ms = now_ms + book->grace_ms;
    *ret_value = book->refreshes[book->made_count % REFRESHES_MAX].value;
    return refresh_add(book, made);
}

size_t refresh_revoke_all(struct refresh_book *book, time_ms now_ms)
{
    size_t alive = 0;

    for (size_t i = 0; i < refresh_count(book); i++) {
        if (now_ms < book->refreshes[i].dies_ms)
            alive++;
        book->refreshes[i].dies_ms = now_ms;
    }
    return alive;
}
