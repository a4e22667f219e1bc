/* raft_swarm [--seed S | --first S] [--count N] [--trace]: random scenarios; --seed replays one and
 * says what happened. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/swarm.h"

static int replay(uint64_t seed, bool with_trace)
{
    struct trace trace = {0};
    struct swarm_result result;
    swarm_run(seed, with_trace ? &trace : NULL, &result);
    if (trace.text != NULL)
        fputs(trace.text, stdout);
    trace_fini(&trace);
    if (!result.passed) {
        fprintf(stderr, "seed %llu failed %s\n  replay: raft_swarm --seed %llu --trace\n",
                (unsigned long long)seed, result.failure, (unsigned long long)seed);
        return 1;
    }
    return 0;
}

static int run_many(uint64_t first, uint64_t count)
{
    uint64_t events = 0;
    uint64_t committed = 0;
    uint64_t terms = 0;
    uint64_t leases = 0;
    uint64_t wipes = 0;
    uint64_t rejoins = 0;
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct swarm_result result;
        swarm_run(seed, NULL, &result);
        if (!result.passed)
            return replay(seed, false);
        events += result.events;
        committed += result.committed;
        terms += result.term;
        leases += result.leases_seen;
        wipes += result.wipes;
        rejoins += result.rejoins;
    }
    printf("%llu seeds held: %llu events, %llu terms, %llu entries, %llu faults under a lease, "
           "%llu folders lost, %llu nodes rejoined\n",
           (unsigned long long)count, (unsigned long long)events, (unsigned long long)terms,
           (unsigned long long)committed, (unsigned long long)leases, (unsigned long long)wipes,
           (unsigned long long)rejoins);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seed", required_argument, NULL, 's'},
                                            {"first", required_argument, NULL, 'f'},
                                            {"count", required_argument, NULL, 'c'},
                                            {"trace", no_argument, NULL, 't'},
                                            {NULL, 0, NULL, 0}};
    uint64_t first = 1;
    uint64_t count = 200;
    bool one = false;
    bool with_trace = false;
    int option = 0;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 's')
            one = true;
        if (option == 's' || option == 'f')
            first = strtoull(optarg, NULL, 10);
        else if (option == 'c')
            count = strtoull(optarg, NULL, 10);
        else if (option == 't')
            with_trace = true;
        else
            return 2;
    }
    return one ? replay(first, with_trace) : run_many(first, count);
}
