#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "common/errors.h"
#include "common/log.h"
#include "node/io/loop/failpoint.h"
#include "node/io/loop/parts.h"

/* A probe's ticket: its round, its service's place in the configuration, its place in the round. */
enum { PLACE_BITS = 8, SERVICE_BITS = 8, SERVICE_NONE = (1 << SERVICE_BITS) - 1 };

_Static_assert((int)SERVICE_COUNT_MAX <= (int)SERVICE_NONE, "a service's place fits into a ticket");

int node_find_service(const struct node *node, service_slot slot, size_t *ret_place)
{
    if (node->core == NULL || slot >= node->core->ledger.service_count)
        return ERR_NOT_FOUND;
    const struct name *name = &node->core->ledger.services[slot].name;
    for (size_t i = 0; i < node->config->service_count; i++)
        if (name_equal(&node->config->services[i].name, name)) {
            *ret_place = i;
            return 0;
        }
    return ERR_NOT_FOUND;
}

/* Gives the service's place, or SERVICE_NONE for a reference. */
static const struct probe_config *target_of(const struct node *node, service_slot slot,
                                            uint8_t place, size_t *ret_service)
{
    *ret_service = SERVICE_NONE;
    if (place >= PROBE_PLACE_REFERENCE)
        return &node->config->references[place - PROBE_PLACE_REFERENCE];
    if (place >= SIDE_N || node_find_service(node, slot, ret_service) != 0)
        return NULL;
    return &node->config->services[*ret_service].side[place].probe;
}

void effect_probe(struct node *node, uint64_t round, service_slot slot, uint8_t place)
{
    size_t service = SERVICE_NONE;
    struct token token;
    struct probe_job job = {.target = target_of(node, slot, place, &service)};
    job.ticket = (round << SERVICE_BITS | service) << PLACE_BITS | place;
    if (job.target != NULL && bot_probes_token(node, job.target, &token) == 0)
        job.token = &token;
    int code = job.target == NULL ? ERR_NOT_FOUND : prober_submit(node->prober, &job);
    if (job.token != NULL)
        sodium_memzero(&token, sizeof token);
    if (code == 0)
        return;
    struct letter letter = {.kind = LETTER_PROBED};
    letter.as.probed.ticket = job.ticket;
    letter.as.probed.sample.result = SAMPLE_LOCAL;
    mailbox_post(&node->mailbox, &letter);
}

/* What a probe shows beside its sample. */
static void note_probed(struct node *node, size_t service, size_t side,
                        const struct probe_done *done)
{
    if (service >= node->config->service_count || side >= SIDE_N)
        return;
    if (done->certificate_end_s != 0)
        node->certificates.end_s[service][side] = done->certificate_end_s;
    bot_probes_on_done(node, &node->config->services[service].side[side].probe, done);
}

void world_on_probed(struct node *node, const struct probe_done *done)
{
    struct event event = {.kind = EVENT_SAMPLE};
    uint64_t asked = done->ticket >> PLACE_BITS;
    event.as.sample.round = asked >> SERVICE_BITS;
    event.as.sample.place = (uint8_t)(done->ticket & ((1u << PLACE_BITS) - 1));
    event.as.sample.sample = done->sample;
    note_probed(node, asked & SERVICE_NONE, event.as.sample.place, done);
    driver_step(node, &event);
}

void effect_vote(struct node *node, node_id to, const struct vote *vote)
{
    struct votes votes = {.header = {.voter = node->self, .incarnation = node->incarnation},
                          .count = 1,
                          .votes = {*vote}};
    uint8_t message[VOTES_MESSAGE_BYTES];
    struct frame_header header = frame_header_of(node);
    size_t length;
    log_debug("vote_in", "voter=%u service=%u ballot=%u at_us=%lld", vote->voter, vote->service,
              vote->ballot, (long long)clock_boot_us());
    memcpy(votes.header.cluster_id, node->cluster_id, sizeof votes.header.cluster_id);
    votes.header.sequence = header.sequence;
    votes.votes[0].probed_wall_ms = clock_wall_ms();
    int code = votes_message(&votes, message);
    if (code == 0)
        code =
            identity_sign(&node->identity, VOTES_DOMAIN, message, sizeof message, votes.signature);
    if (code == 0)
        code = frame_encode_votes(&header, &votes, node->frame, sizeof node->frame, &length);
    if (code != 0) {
        log_error("vote_not_sent", "error=%s", error_name(code));
        return;
    }
    dossier_add(node->dossier, &votes);
    frames_publish(node, length);
    if (to != 0)
        frames_send(node, to, length);
}

void effect_call(struct node *node, const struct call *call)
{
    struct frame_header header = frame_header_of(node);
    size_t length;
    dossier_open(node->dossier, call);
    int code = frame_encode_call(&header, call, node->frame, sizeof node->frame, &length);
    if (code != 0) {
        log_error("call_not_sent", "error=%s", error_name(code));
        return;
    }
    frames_publish(node, length);
    frames_send_all(node, length);
}

static enum actuator_job_kind job_kind_of(enum route_job_kind kind)
{
    switch (kind) {
    case ROUTE_JOB_READ:
        return ACTUATOR_READ;
    case ROUTE_JOB_MINT:
        return ACTUATOR_MINT;
    case ROUTE_JOB_WRITE:
        return ACTUATOR_WRITE;
    case ROUTE_JOB_COUNT:
        return ACTUATOR_COUNT;
    case ROUTE_JOB_ANNOUNCE:
    case ROUTE_JOB_N:
        break;
    }
    return ACTUATOR_ANNOUNCE;
}

void effect_route(struct node *node, const struct route_job *asked)
{
    struct actuator_job job = {.kind = job_kind_of(asked->kind),
                               .ticket = asked->ticket,
                               .step = asked->step,
                               .to = asked->to,
                               .degraded = asked->degraded,
                               .routine = asked->routine,
                               .base = asked->base,
                               .term = asked->term,
                               .start_before_ms = asked->start_before_ms,
                               .deadline_ms = node->config->timing.actuator_deadline_ms,
                               .token_minted_after_ms = asked->token_minted_after_ms};
    (void)snprintf(job.idempotency_key, sizeof job.idempotency_key, "%s/%llu.%s.%u",
                   node->config->cluster.text, (unsigned long long)asked->move,
                   route_step_name(asked->step), asked->attempt);
    int code = node_find_service(node, asked->service, &job.service);
    if (job.kind == ACTUATOR_WRITE) {
        events_on_write_asked(node, asked->service, &job);
        failpoint_write(node, asked->service, "asked");
    }
    if (code == 0)
        code = actuator_submit(node->actuator, &job);
    if (code == 0)
        return;
    struct letter letter = {.kind = LETTER_ROUTED};
    letter.as.routed.job = job;
    letter.as.routed.job.service = SIZE_MAX;
    letter.as.routed.result = ROUTE_RESULT_NOT_SENT;
    text_set(&letter.as.routed.why, "the actuator does not take the job: %s", error_name(code));
    mailbox_post(&node->mailbox, &letter);
}

static enum route_job_kind kind_back(enum actuator_job_kind kind)
{
    switch (kind) {
    case ACTUATOR_READ:
        return ROUTE_JOB_READ;
    case ACTUATOR_MINT:
        return ROUTE_JOB_MINT;
    case ACTUATOR_WRITE:
        return ROUTE_JOB_WRITE;
    case ACTUATOR_COUNT:
        return ROUTE_JOB_COUNT;
    case ACTUATOR_ANNOUNCE:
    case ACTUATOR_EXCHANGE:
    case ACTUATOR_JOB_N:
        break;
    }
    return ROUTE_JOB_ANNOUNCE;
}

service_slot world_slot_of(const struct node *node, size_t place)
{
    if (place >= node->config->service_count)
        return SERVICE_SLOT_NONE;
    for (service_slot slot = 0; slot < node->core->ledger.service_count; slot++)
        if (name_equal(&node->core->ledger.services[slot].name,
                       &node->config->services[place].name))
            return slot;
    return SERVICE_SLOT_NONE;
}

static time_ms took_ms(const struct actuator_result *result)
{
    return result->started_ms == 0 ? 0 : result->finished_ms - result->started_ms;
}

/* A reading or a count that goes on failing is logged at its first failure and at its end, with
 * how often. */
static bool is_worth_a_line(struct node *node, const struct actuator_result *result)
{
    bool ok = result->result == ROUTE_RESULT_OK;
    bool read = result->job.kind == ACTUATOR_READ;
    uint64_t *failed = read ? &node->failed_reads : &node->failed_counts;
    if (!read && result->job.kind != ACTUATOR_COUNT)
        return true;
    if (result->result == ROUTE_RESULT_CANCELED) /* held back, or stopping: nothing failed */
        return false;
    if (ok && *failed > 0) {
        log_info(read ? "route_readable" : "conversations_countable", "failed=%llu",
                 (unsigned long long)*failed);
        *failed = 0;
    }
    return ok || (*failed)++ == 0;
}

static void log_routed(struct node *node, const struct actuator_result *result)
{
    static const char *const words[ACTUATOR_JOB_N] = {"read",     "mint",     "write",
                                                      "announce", "exchange", "count"};
    bool write = result->job.kind == ACTUATOR_WRITE;
    enum log_level level = write ? LOG_INFO : LOG_DEBUG;
    if (result->result != ROUTE_RESULT_OK)
        level = LOG_WARN;
    if (!is_worth_a_line(node, result))
        return;
    log_event(level, "route_request",
              "kind=%s step=%s key=%s result=%s status=%d ms=%lld correlation=%s why=\"%s\"",
              words[result->job.kind], write ? route_step_name(result->job.step) : "-",
              write ? result->job.idempotency_key : "-", route_result_name(result->result),
              result->status, (long long)took_ms(result),
              result->correlation[0] != '\0' ? result->correlation : "-", result->why.bytes);
}

void world_on_routed(struct node *node, const struct actuator_result *result)
{
    if (node->core == NULL)
        return;
    if (result->job.kind == ACTUATOR_EXCHANGE) {
        tokens_on_exchanged(node, result);
        return;
    }
    struct event event = {.kind = EVENT_ROUTE};
    event.as.route.ticket = result->job.ticket;
    event.as.route.service = world_slot_of(node, result->job.service);
    event.as.route.kind = kind_back(result->job.kind);
    event.as.route.result = result->result;
    event.as.route.view = result->view;
    event.as.route.has_view = result->view.state != ROUTE_UNKNOWN;
    event.as.route.retry_after_ms = result->retry_after_ms;
    event.as.route.took_ms = took_ms(result);
    event.as.route.token_generation = result->token_generation;
    event.as.route.live = result->live;
    memcpy(event.as.route.correlation, result->correlation, sizeof event.as.route.correlation);
    log_routed(node, result);
    if (result->job.kind == ACTUATOR_WRITE) {
        events_on_write_ended(node, result);
        failpoint_write(node, event.as.route.service, "answered");
    }
    driver_step(node, &event);
}
