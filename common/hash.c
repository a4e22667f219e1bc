#include "common/hash.h"

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static const uint64_t fnv_prime = UINT64_C(0x100000001b3);

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * fnv_prime;
    return hash;
}

/* Byte by byte from the lowest, so that nodes of different byte order agree. */
uint64_t hash_u64(uint64_t hash, uint64_t value)
{
    for (unsigned shift = 0; shift < 64; shift += 8)
        hash = (hash ^ ((value >> shift) & 0xff)) * fnv_prime;
    return hash;
}

/* The finalizer of MurmurHash3: every input bit reaches every output bit. */
uint64_t hash_mix(uint64_t hash)
{
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xc4ceb9fe1a85ec53);
    hash ^= hash >> 33;
    return hash;
}

/* CRC-32C of RFC 3720, reflected, four bits a step: a table of 64 bytes and no start-up work. */
uint32_t hash_crc32c(uint32_t crc, const void *bytes, size_t length)
{
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    const uint8_t *at = bytes;
    crc = ~crc;
    for (size_t i = 0; i < length; i++) {
        crc ^= at[i];
        crc = (crc >> 4) ^ table[crc & 0xf];
        crc = (crc >> 4) ^ table[crc & 0xf];
    }
    return ~crc;
}
