#include "proto/operation.h"

#include <string.h>

#include "common/check.h"
#include "common/errors.h"

static const char *const kind_names[OPERATION_KIND_N] = {
    [OPERATION_FAILOVER] = "failover",
    [OPERATION_FAILBACK] = "failback",
    [OPERATION_HOLD] = "hold",
    [OPERATION_RELEASE] = "release",
    [OPERATION_ARM] = "arm",
    [OPERATION_DISARM] = "disarm",
    [OPERATION_ACK] = "ack",
    [OPERATION_HOLD_ALL] = "hold-all",
    [OPERATION_RELEASE_ALL] = "release-all",
};

const char *operation_kind_name(enum operation_kind kind)
{
    return (size_t)kind < ARRAY_COUNT(kind_names) ? kind_names[kind] : "?";
}

/* Bytes of the UTF-8 character that starts here (RFC 3629, section 4), 0 where none does. */
static size_t character_length(const uint8_t *at, size_t left)
{
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    size_t length = 0;
    if (at[0] < 0x80)
        return 1;
    if (at[0] >= 0xc2 && at[0] <= 0xdf)
        length = 2;
    else if (at[0] >= 0xe0 && at[0] <= 0xef)
        length = 3;
    else if (at[0] >= 0xf0 && at[0] <= 0xf4)
        length = 4;
    if (length == 0 || length > left)
        return 0;
    if (at[0] == 0xe0)
        low = 0xa0; /* shorter forms exist */
    else if (at[0] == 0xed)
        high = 0x9f; /* surrogates */
    else if (at[0] == 0xf0)
        low = 0x90;
    else if (at[0] == 0xf4)
        high = 0x8f; /* over U+10FFFF */
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (at[i] < 0x80 || at[i] > 0xbf)
            return 0;
    return length;
}

bool reason_is_clean(const char *bytes, size_t length)
{
    const uint8_t *at = (const uint8_t *)bytes;
    size_t offset = 0;
    while (offset < length) {
        size_t character = character_length(at + offset, length - offset);
        bool c0 = at[offset] < 0x20 || at[offset] == 0x7f;
        bool c1 = character == 2 && at[offset] == 0xc2 && at[offset + 1] < 0xa0;
        if (character == 0 || c0 || c1)
            return false;
        offset += character;
    }
    return true;
}

int reason_set(char ret_reason[REASON_SIZE], const char *text)
{
    size_t length = strnlen(text, REASON_SIZE);
    if (length == REASON_SIZE)
        return ERR_TOO_LARGE;
    if (!reason_is_clean(text, length))
        return ERR_INVALID;
    memset(ret_reason, 0, REASON_SIZE);
    memcpy(ret_reason, text, length);
    return 0;
}
