/* The dossier: signed votes of the running ballots, kept by the leader until the ballot's close
 * carries them. Never counts votes; the core does. Called by the control loop. */
#ifndef QUORATE_IO_LOOP_DOSSIER_H
#define QUORATE_IO_LOOP_DOSSIER_H

#include "proto/evidence.h"

struct dossier_case {
    log_index inquiry;
    uint32_t ballot;
    uint64_t nonce;
    struct evidence_list votes;
};

struct dossier {
    struct dossier_case cases[SERVICE_COUNT_MAX]; /* by slot: the newest ballot alone */
};

/* A call opens a new, empty case for its service. */
void dossier_open(struct dossier *dossier, const struct call *call);
/* Keeps the votes of a verified frame that answer open cases; others are passed over. */
void dossier_add(struct dossier *dossier, const struct votes *votes);
/* Encodes the case's evidence for the close. Returns 0, ERR_NOT_FOUND (no such case; then nothing
 * is written), or ERR_TOO_LARGE. */
int dossier_evidence(const struct dossier *dossier, const struct command *close, uint8_t *buffer,
                     size_t size, size_t *ret_length);

#endif
