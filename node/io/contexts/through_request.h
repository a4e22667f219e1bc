/* What is asked of the platform to keep a checkpoint there, too: the request that writes it, the
 * one that reads it back, and whether what was read is what was written.
 * Never names a secret field's value: those stay in the cluster. Pure.
 * Called by through.c. */
#ifndef QUORATE_IO_THROUGH_REQUEST_H
#define QUORATE_IO_THROUGH_REQUEST_H

#include "common/text.h"
#include "node/io/act/http.h"
#include "node/io/contexts/context_content.h"

enum { THROUGH_URL_SIZE = URL_SIZE + 8 * CONTEXT_ID_SIZE };

struct through_place {
    enum context_target to;
    const char *api_url;
    const char *suffix; /* of custom fields */
};

struct through_request {
    enum http_method method;
    char write_url[THROUGH_URL_SIZE];
    char read_url[THROUGH_URL_SIZE];
    char *body; /* owned */
};

/* Beside the fields: currentStep has the step, quorateSeq the seq. A custom field's name has
 * letters, digits, '_' and '-' alone; a field of another name is left out there. Returns 0;
 * ERR_INVALID with `why` where the content does not say whose participant it is; ERR_TOO_LARGE (a
 * URL) or ERR_NO_MEMORY. */
int through_request_make(const struct through_place *place, const struct context_id *id,
                         uint64_t seq, const struct context_content *content,
                         struct through_request *ret_request, struct text *why);
void through_request_fini(struct through_request *request);

/* Does the answer of the reading show all that was written? False also where it makes no sense. */
bool through_request_shows(const struct through_place *place, uint64_t seq,
                           const struct context_content *content, const char *answer,
                           size_t length);

#endif
