/* Many conversations that checkpoint through the nodes' APIs at one time, and what became of each.
 * Never sleeps between what is due; a request that fails is sent again, unchanged, to another node.
 * Used by the program context-load. */
#ifndef QUORATE_CLUSTER_CONTEXT_LOAD_H
#define QUORATE_CLUSTER_CONTEXT_LOAD_H

#include <curl/curl.h>

#include "common/prng.h"
#include "tests/cluster/cluster.h"

enum { LOAD_SLOT_COUNT = 96, LOAD_TOOK_MAX_MS = 4000, LOAD_BODY_SIZE = 512 };

/* One flow of one caller: its seq rises by one with each checkpoint. */
struct conversation {
    uint32_t seq;   /* of what was sent last */
    uint32_t acked; /* the highest that was acknowledged; 0: none */
    time_ms due_ms;
    time_ms begun_ms; /* of the present checkpoint's first request */
    bool open;
};

/* A request under way. */
struct load_slot {
    struct load *load;
    CURL *easy;
    struct curl_slist *headers;
    size_t conversation;
    bool busy;
    char url[128];
    char body[LOAD_BODY_SIZE];
    char reply[1024];
    size_t reply_length;
};

struct load {
    struct cluster *cluster;
    CURLM *multi;
    struct prng prng;
    struct conversation *conversations;
    size_t conversation_count;
    time_ms every_ms;
    struct load_slot slots[LOAD_SLOT_COUNT];
    uint64_t acknowledged;
    uint64_t again;                        /* requests that had to be sent once more */
    uint64_t took[LOAD_TOOK_MAX_MS + 1];   /* acknowledged requests by their milliseconds */
    uint64_t waited[LOAD_TOOK_MAX_MS + 1]; /* checkpoints, from the first request on */
};

void load_open(struct load *load, struct cluster *cluster, size_t conversation_count,
               time_ms every_ms);
void load_close(struct load *load);

/* Sends what is due until then. */
void load_run_until(struct load *load, time_ms until_ms);
/* Lets open requests end. */
void load_settle(struct load *load);
/* Conversations whose acknowledged checkpoint is not what `place` reads, or better. */
size_t load_count_lost(struct load *load, size_t place);
/* The smallest time that `percent` of the counted ones did not pass. */
time_ms load_percentile(const uint64_t times[LOAD_TOOK_MAX_MS + 1], double percent);

#endif
