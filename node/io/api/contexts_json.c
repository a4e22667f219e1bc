#include <inttypes.h>

#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"

static const char *state_word(const struct contexts_stats *stats)
{
    if (stats->failed)
        return "failed";
    return stats->complete ? "ready" : "learning";
}

static uint64_t refused_count(const struct contexts_stats *stats)
{
    uint64_t count = 0;
    for (int i = 0; i < CONTEXT_REFUSAL_N; i++)
        count += stats->refused[i];
    return count;
}

static void add_through(cJSON *part, const struct through_stats *stats)
{
    if (!stats->on) {
        json_add_string(part, "write_through", NULL);
        return;
    }
    cJSON *row = cJSON_AddObjectToObject(part, "write_through");
    json_add_string(row, "state", stats->paused ? "paused" : "running");
    json_add_count(row, "pending", stats->pending);
    json_add_count(row, "written", stats->written);
    json_add_count(row, "refused", stats->refused);
    json_add_count(row, "differs", stats->differs);
    json_add_count(row, "failed", stats->failed);
    json_add_count(row, "unnamed", stats->unnamed);
    json_add_string(row, "last_error", stats->last_error[0] == '\0' ? NULL : stats->last_error);
}

void contexts_add_status(cJSON *page, const struct contexts_stats *stats)
{
    if (!stats->on) {
        json_add_string(page, "contexts", NULL);
        return;
    }
    cJSON *part = cJSON_AddObjectToObject(page, "contexts");
    json_add_string(part, "store", stats->store);
    json_add_string(part, "state", state_word(stats));
    json_add_count(part, "held", stats->count);
    json_add_count(part, "bytes", stats->bytes);
    json_add_count(part, "in_flight", stats->in_flight);
    json_add_count(part, "puts", stats->calls[CONTEXT_VERB_PUT]);
    json_add_count(part, "gets", stats->calls[CONTEXT_VERB_GET]);
    json_add_count(part, "refused", refused_count(stats));
    json_add_count(part, "repaired", stats->repaired);
    json_add_count(part, "peers_heard", stats->peers_heard);
    add_through(part, &stats->through);
}

static void number(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
    fprintf(out, "# HELP quorate_contexts_%s %s\n# TYPE quorate_contexts_%s %s\n", name, help, name,
            type);
    fprintf(out, "quorate_contexts_%s %" PRIu64 "\n", name, value);
}

static void write_latency(const struct contexts_stats *stats, FILE *out)
{
    fputs("# HELP quorate_contexts_seconds From the request to its answer.\n"
          "# TYPE quorate_contexts_seconds histogram\n",
          out);
    for (int verb = 0; verb < CONTEXT_VERB_N; verb++) {
        const char *name = context_verb_name((enum context_verb)verb);
        uint64_t sum = 0;
        for (size_t i = 0; i < CONTEXT_LATENCY_COUNT; i++) {
            uint64_t bound_us = contexts_latency_bound_us(i);
            char bound[32] = "+Inf";
            if (bound_us > 0)
                snprintf(bound, sizeof bound, "%g", (double)bound_us / 1e6);
            sum += stats->latency[verb][i];
            fprintf(out, "quorate_contexts_seconds_bucket{verb=\"%s\",le=\"%s\"} %" PRIu64 "\n",
                    name, bound, sum);
        }
        fprintf(out, "quorate_contexts_seconds_sum{verb=\"%s\"} %g\n", name,
                (double)stats->latency_sum_us[verb] / 1e6);
        fprintf(out, "quorate_contexts_seconds_count{verb=\"%s\"} %" PRIu64 "\n", name, sum);
    }
}

static void write_refused(const struct contexts_stats *stats, FILE *out)
{
    fputs("# HELP quorate_contexts_refused_total Requests that were not taken, by cause.\n"
          "# TYPE quorate_contexts_refused_total counter\n",
          out);
    for (int i = 0; i < CONTEXT_REFUSAL_N; i++)
        fprintf(out, "quorate_contexts_refused_total{cause=\"%s\"} %" PRIu64 "\n",
                context_refusal_name((enum context_refusal)i), stats->refused[i]);
}

static void write_through(const struct through_stats *stats, FILE *out)
{
    if (!stats->on)
        return;
    number(out, "through_pending", "gauge", "Newest checkpoints that are not on the platform yet.",
           stats->pending);
    number(out, "through_paused", "gauge", "1 while the platform is away or asked for a pause.",
           stats->paused);
    number(out, "through_written_total", "counter", "Written to the platform, and read back.",
           stats->written);
    number(out, "through_refused_total", "counter", "The platform will not take them.",
           stats->refused);
    number(out, "through_differs_total", "counter", "Written twice, and read back otherwise.",
           stats->differs);
    number(out, "through_failed_total", "counter", "Tries that come again.", stats->failed);
    number(out, "through_unnamed_total", "counter", "PUTs that name no participant.",
           stats->unnamed);
    number(out, "through_requests_total", "counter", "Requests, readings back included.",
           stats->requests);
}

void contexts_write_metrics(const struct contexts_stats *stats, FILE *out)
{
    if (!stats->on)
        return;
    number(out, "held", "gauge", "Contexts and tombstones on this node.", stats->count);
    number(out, "bytes", "gauge", "Their ids and sealed contents.", stats->bytes);
    number(out, "ready", "gauge", "1 where this node's store counts in majorities.",
           stats->complete && !stats->failed);
    number(out, "in_flight", "gauge", "Requests that are not answered yet.", stats->in_flight);
    number(out, "commits_total", "counter", "Batches that were written.", stats->commits);
    number(out, "repaired_total", "counter", "Entries that only other nodes had.", stats->repaired);
    number(out, "expired_total", "counter", "Entries whose time was over.", stats->expired);
    number(out, "frames_dropped_total", "counter", "Frames of peers that meant nothing.",
           stats->frames_dropped);
    write_latency(stats, out);
    write_refused(stats, out);
    write_through(&stats->through, out);
}
