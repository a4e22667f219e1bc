/* A platform that answers from a list of JSON texts, a service on it, and what the preflight finds.
 * Never opens a socket.
 * Called by the tests of node/io/preflight. */
#ifndef QUORATE_TESTS_PREFLIGHT_FAKE_H
#define QUORATE_TESTS_PREFLIGHT_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/io/preflight/run.h"

enum { FAKE_ANSWER_COUNT_MAX = 128, FAKE_ASKED_COUNT_MAX = 512, FAKE_URL_SIZE = 1024 };

struct fake_answer {
    const char *start; /* of the path and query */
    enum route_result result;
    const char *json; /* NULL unless OK; ' stands for the quotation mark */
};

struct fake {
    struct config *config;
    struct preflight_port port;
    struct fake_answer answers[FAKE_ANSWER_COUNT_MAX];
    size_t answer_count;
    char asked[FAKE_ASKED_COUNT_MAX][FAKE_URL_SIZE];
    size_t asked_count;
    struct preflight_report *report;
};

/* Service "support" with a routing plan on platform "genesys"; everything is as it should be. */
int fake_setup(void **state);
int fake_teardown(void **state);

/* What stands at the start of a path and its query; later ones go before earlier ones. What nobody
 * answers is NOT_FOUND. The texts must outlive the fake. */
void fake_answer(struct fake *fake, const char *start, const char *json);
void fake_refuse(struct fake *fake, const char *start, enum route_result result);

/* Makes the route one of another kind; the ids are the caller's to set. */
struct route_config *fake_route(struct fake *fake, const char *backend);

/* Runs the preflight of the first service, anew each time; fails the test where that fails. */
void fake_run(struct fake *fake);
/* The first row of the check; fails the test where there is none. */
const struct preflight_row *fake_row(const struct fake *fake, const char *check);
/* Runs and expects this result, and these words in `found` (or NULL). */
void fake_expect(struct fake *fake, const char *check, enum preflight_result result,
                 const char *found);
size_t fake_count(const struct fake *fake, const char *start); /* of questions in the last run */

#define FLOW(name, more) \
    "{'id':'x','name':'" name "','type':'INBOUNDCALL','active':true,'deleted':false," more "}"
#define FLOW_MORE                                                                        \
    "'division':{'id':'d1','name':'Home'},'description':'takes over, env: standby',"     \
    "'publishedVersion':{'id':'27.0','commitVersion':'27'},"                             \
    "'supportedLanguages':[{'language':'en-us','isDefault':true},{'language':'de-de'}]," \
    "'inputSchema':{'type':'object','properties':{'Flow.account':{'type':'string'}}},"   \
    "'outputSchema':{'type':'object','properties':{'Flow.outcome':{'type':'string'}}},"  \
    "'currentOperation':{'actionStatus':'SUCCESS'}"

#endif
