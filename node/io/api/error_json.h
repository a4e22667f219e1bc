/* The answer of everything that went wrong: {"code", "why"}, always naming the thing.
 * Never shows a secret.
 * Called by the request's steps and the pages. */
#ifndef QUORATE_IO_API_ERROR_JSON_H
#define QUORATE_IO_API_ERROR_JSON_H

#include "node/io/api/parts.h"

/* Sets the answer; the first one stands. */
void answer_error(struct request *request, unsigned status, const char *code, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));
/* Takes the page over. */
void answer_json(struct request *request, unsigned status, cJSON *page);
/* Takes a text of another type over. */
void answer_text(struct request *request, const char *type, char *text, size_t length);
/* Frees what an unsent answer holds. */
void answer_clear(struct answer *answer);
/* Sends it. The answer is cleared. */
enum MHD_Result answer_send(struct request *request);

#endif
