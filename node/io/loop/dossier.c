#include "node/io/loop/dossier.h"

#include <string.h>

#include "common/errors.h"

void dossier_open(struct dossier *dossier, const struct call *call)
{
    struct dossier_case *opened = &dossier->cases[call->service];
    memset(opened, 0, sizeof *opened);
    opened->inquiry = call->inquiry;
    opened->ballot = call->ballot;
    opened->nonce = call->nonce;
}

void dossier_add(struct dossier *dossier, const struct votes *votes)
{
    for (uint16_t i = 0; i < votes->count; i++) {
        const struct vote *vote = &votes->votes[i];
        struct evidence evidence;
        if (vote->inquiry == 0 || vote->service >= SERVICE_COUNT_MAX)
            continue;
        struct dossier_case *open = &dossier->cases[vote->service];
        if (open->inquiry != vote->inquiry || open->ballot != vote->ballot ||
            open->nonce != vote->nonce)
            continue;
        /* A second frame of the same voter changes nothing: the first vote stands. */
        if (evidence_make(votes, i, &evidence) == 0)
            (void)evidence_list_add(&open->votes, &evidence);
    }
}

int dossier_evidence(const struct dossier *dossier, const struct command *close, uint8_t *buffer,
                     size_t size, size_t *ret_length)
{
    const struct dossier_case *open = &dossier->cases[close->service];
    if (open->inquiry != close->as.ballot_close.inquiry ||
        open->ballot != close->as.ballot_close.ballot)
        return ERR_NOT_FOUND;
    return evidence_list_encode(&open->votes, buffer, size, ret_length);
}
