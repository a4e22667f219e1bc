#include "node/io/loop/payloads.h"

#include <stdlib.h>
#include <string.h>

#include "common/errors.h"

struct slot {
    log_index index;
    size_t length;
    uint8_t *bytes;
};

struct payloads {
    struct slot slots[RAFT_LOG_CAPACITY];
};

int payloads_new(struct payloads **ret_payloads)
{
    struct payloads *payloads = calloc(1, sizeof *payloads);
    if (payloads == NULL)
        return ERR_NO_MEMORY;
    *ret_payloads = payloads;
    return 0;
}

void payloads_free(struct payloads **payloads)
{
    if (*payloads == NULL)
        return;
    for (size_t i = 0; i < RAFT_LOG_CAPACITY; i++)
        free((*payloads)->slots[i].bytes);
    free(*payloads);
    *payloads = NULL;
}

int payloads_put(struct payloads *payloads, log_index index, const uint8_t *bytes, size_t length)
{
    struct slot *slot = &payloads->slots[index % RAFT_LOG_CAPACITY];
    uint8_t *copy = malloc(length > 0 ? length : 1);
    if (copy == NULL)
        return ERR_NO_MEMORY;
    memcpy(copy, bytes, length);
    free(slot->bytes);
    *slot = (struct slot){.index = index, .length = length, .bytes = copy};
    return 0;
}

int payloads_get(const struct payloads *payloads, log_index index, struct payload *ret_payload)
{
    const struct slot *slot = &payloads->slots[index % RAFT_LOG_CAPACITY];
    if (slot->bytes == NULL || slot->index != index)
        return ERR_NOT_FOUND;
    *ret_payload = (struct payload){.bytes = slot->bytes, .length = slot->length};
    return 0;
}
