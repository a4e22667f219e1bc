/* A fast 64-bit hash for equality of states and bytes between honest nodes, and CRC-32C for stored
 * rows. Never a protection against a forger; signatures and SHA-256 are that. Called by the
 * adapters and tests. Pure. */
#ifndef QUORATE_COMMON_HASH_H
#define QUORATE_COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_SEED UINT64_C(0xcbf29ce484222325)

/* Continues `hash` (start with HASH_SEED) over the bytes. FNV-1a with a final mix by the caller's
 * choice of hash_mix. */
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length);
uint64_t hash_u64(uint64_t hash, uint64_t value);
uint64_t hash_mix(uint64_t hash);

/* CRC-32C (Castagnoli), start with 0. */
uint32_t hash_crc32c(uint32_t crc, const void *bytes, size_t length);

#endif
