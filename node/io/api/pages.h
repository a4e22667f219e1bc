/* The pages: each fills a request's answer from the view.
 * Never keeps a pointer of the view; never scans a disk.
 * Called through the table of routes.c. */
#ifndef QUORATE_IO_API_PAGES_H
#define QUORATE_IO_API_PAGES_H

#include <stdio.h>

#include "node/core/explain.h"
#include "node/io/api/parts.h"

api_handler_fn page_status;
api_handler_fn page_leader;
api_handler_fn page_services;
api_handler_fn page_service;
api_handler_fn page_explain;
api_handler_fn page_incidents;
api_handler_fn page_incident;
api_handler_fn page_certificate;
api_handler_fn page_history;
api_handler_fn page_health;
api_handler_fn page_metrics;
api_handler_fn page_ready;
api_handler_fn post_operation;
api_handler_fn post_init;
api_handler_fn context_request;

#define LOCKED_OUT_ADVICE                                                                  \
    "the platform knows the refresh token no more: make a new one there, put it into the " \
    "credential of every node, and restart them one by one"

/* A GET's own argument; NULL where it is absent, "" where it has no value. */
const char *page_query(const struct request *request, const char *key);

/* Decimal, whole, at most 10^18 - 1. Returns 0 or ERR_INVALID. */
int page_number(const char *word, uint64_t *ret_number);

/* contexts_json.c: the member "contexts" of the status, and what /metrics says of them. */
void contexts_add_status(cJSON *page, const struct contexts_stats *stats);
void contexts_write_metrics(const struct contexts_stats *stats, FILE *out);

/* incident_json.c: else the answer is set. */
bool page_has_history(struct request *request, const struct node_view *view);

/* platform_json.c: "platforms": what each says of its limits, as this node's tokens meet them. */
void status_add_platforms(cJSON *page, const struct node_view *view);

/* service_json.c: "steps": how the last request of each step of the move ended, and what the
 * platform calls it. */
void service_add_steps(cJSON *page, const struct move_record *move);

/* service_json.c: 0, or an error with the answer set where the cluster is not initialised. */
int page_find_core(struct request *request, const struct node_view *view);
/* The member "hold": null where none is active. */
void service_add_hold(cJSON *page, const struct hold_record *hold, time_ms ledger_ms);
/* The slot of the path's service. Returns 0, or an error with the answer set. */
int page_find_service(struct request *request, const struct node_view *view,
                      service_slot *ret_slot);
/* The row of a service in /v1/status and /v1/services. Owned by the caller. */
cJSON *service_summary(const struct node_view *view, service_slot slot);
/* One word for where the service stands: steady, half-moved, inquiry, convicted, moving, blocked,
 * blind. */
const char *service_condition(const struct node_view *view, service_slot slot);
/* "F F P . .": the decided ballots that still count, oldest first, then dots up to the rule's `of`.
 */
enum { ROLLING_TEXT_SIZE = 2 * ROLLING_COUNT_MAX + 1 };
void service_rolling_text(const struct service_record *service, enum side side, time_ms ledger_ms,
                          char ret_text[ROLLING_TEXT_SIZE]);

/* unit_json.c: the member "routes", one row a route of this node's file. */
void service_add_routes(cJSON *page, const struct node_view *view, service_slot slot);
/* The name of the route at the place; "?" where this node's file has none there. */
const char *service_route_name(const struct node_view *view, service_slot slot, size_t place);
/* "standby", or "voice: standby, chat: primary (half-moved)" where there are several. */
void service_route_text(const struct node_view *view, service_slot slot, struct text *text);

/* preflight_json.c: the member "preflight", with its rows where asked for; null where this node has
 * none. */
void service_add_preflight(cJSON *page, const struct node_view *view, service_slot slot, bool rows);
/* NULL where there is none. */
const struct preflight_report *service_preflight(const struct node_view *view, service_slot slot);

/* sentences.c: plain sentences for people. Owned by the caller. */
cJSON *explain_sentences(const struct node_view *view, service_slot slot,
                         const struct explanation *explanation);

#endif
