/* The cluster's seal key as text, and what is told apart by it without being told.
 * Never stores or prints a key.
 * Called by the loader, the token store and `quorate keygen --seal`. */
#ifndef QUORATE_IO_CONFIG_SEAL_KEY_H
#define QUORATE_IO_CONFIG_SEAL_KEY_H

#include <stddef.h>
#include <stdint.h>

enum { SEAL_KEY_BYTES = 32, SEAL_KEY_TEXT_SIZE = 64 };

/* A new random key's line, without its end. */
void seal_key_make(char ret_text[SEAL_KEY_TEXT_SIZE]);
/* Returns 0 or ERR_INVALID. */
int seal_key_parse(const char *text, uint8_t ret_key[SEAL_KEY_BYTES]);
/* Equal for equal secrets under one key, and says nothing else about them. */
uint64_t seal_key_hash(const uint8_t key[SEAL_KEY_BYTES], const char *secret);

#endif
