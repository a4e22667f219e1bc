/* Keeps tokens of platforms at hand for those who cannot wait for one: the bot probes.
 * Never gives out one that is past its life or was refused; never asks oftener than its pauses
 * allow. Called by the control loop; has a thread of its own where there is something to keep. */
#ifndef QUORATE_IO_ACT_TOKEN_KEEPER_H
#define QUORATE_IO_ACT_TOKEN_KEEPER_H

#include "node/io/act/actuator.h"

enum { KEEPER_PAUSE_MS = 1000, KEEPER_PAUSE_MS_MAX = 60000 };

struct token_keeper;

/* Keeps those platforms' whose bit (1 << place in config->platforms) is set; 0 is fine and starts
 * nothing. The actuator must outlive the keeper. Returns 0, ERR_NO_MEMORY or ERR_INTERNAL. */
int token_keeper_new(const struct config *config, struct actuator *actuator, uint32_t platform_mask,
                     struct token_keeper **ret_keeper);
/* Ends its request at once. NULL is accepted. */
void token_keeper_free(struct token_keeper **keeper);

/* The token at hand. Returns 0 or ERR_NOT_FOUND; waits for nothing. Any thread. */
int token_keeper_get(struct token_keeper *keeper, size_t platform, struct token *ret_token);
/* The API refused this token with 401: another one is fetched. Any thread. */
void token_keeper_refuse(struct token_keeper *keeper, size_t platform, const struct token *refused);

#endif
