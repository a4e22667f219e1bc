/* A running node: the control loop around the core, with every adapter attached.
 * Never decides; the core does. Nothing but this loop's thread touches the core.
 * Called by `quorate run`. */
#ifndef QUORATE_IO_LOOP_NODE_H
#define QUORATE_IO_LOOP_NODE_H

#include "common/text.h"
#include "node/io/config/config.h"

/* Runs until SIGTERM or SIGINT (a leader first hands leadership over, for at most one election
 * base). Returns 0 after an orderly stop, or an error of the start with `why` naming the thing:
 * ERR_BUSY (folder or port), ERR_DAMAGED (ledger), ERR_AUTH (key), ERR_IO, ERR_INVALID. */
int node_run(const struct config *config, node_id self, struct text *why);

#endif
