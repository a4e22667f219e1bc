/* A prober and the place where its samples arrive, for the prober's tests.
 * Never sleeps: it waits for a sample with a deadline.
 * Called by the prober's tests. */
#ifndef QUORATE_TEST_PROBE_WORLD_H
#define QUORATE_TEST_PROBE_WORLD_H

#include <pthread.h>

#include "node/io/probe/prober.h"

enum { PROBE_WORLD_TICKET_MAX = 1024, PROBE_WORLD_DEADLINE_S = 10 };

struct probe_world {
    struct config config;
    struct prober *prober;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    uint64_t next_ticket;
    size_t done_count[PROBE_WORLD_TICKET_MAX];
    struct sample samples[PROBE_WORLD_TICKET_MAX];
    int64_t submitted_us[PROBE_WORLD_TICKET_MAX];
    int64_t done_us[PROBE_WORLD_TICKET_MAX];
    int block_ms;                /* the next callback takes so long */
    const struct token *token;   /* of the jobs, or NULL */
    struct probe_done last_done; /* the newest; read it after probe_world_wait */
};

/* The fields of `config` may be set between the two. */
void probe_world_init(struct probe_world *world);
int probe_world_start(struct probe_world *world);
void probe_world_fini(struct probe_world *world);

/* Connect 500 ms, timeout 300 ms, latency 100 ms, 200, fresh connections. */
struct probe_config probe_world_target(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

int probe_world_submit(struct probe_world *world, const struct probe_config *target,
                       uint64_t *ret_ticket);
/* Waits for the sample; returns 0 or ERR_TIMEOUT. */
int probe_world_wait(struct probe_world *world, uint64_t ticket, struct sample *ret_sample);
/* From the submission to the callback, on the prober's thread. */
int64_t probe_world_took_ms(const struct probe_world *world, uint64_t ticket);
int64_t probe_world_now_us(void);
/* Between two looks at a condition that has a deadline. */
void probe_world_pause_ms(int pause_ms);

#endif
