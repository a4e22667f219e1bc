/* What an answer of the platform's API means: HTTP status or failure to enum route_result, by one
 * table. Never decides what follows from it. Called by the actuator's jobs. */
#ifndef QUORATE_IO_ACT_CLASSIFY_H
#define QUORATE_IO_ACT_CLASSIFY_H

#include "node/io/act/http.h"
#include "proto/route.h"

enum route_result classify_answer(const struct http_answer *answer);

/* For people: the host, the status, the API's own code and message (cut), its correlation id; with
 * 429 the limits that it told. Empties `why` after a good answer. */
void classify_explain(const struct http_answer *answer, const char *url, struct text *why);

#endif
