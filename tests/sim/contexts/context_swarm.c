/* context_swarm [--seed S | --first S] [--count N] [--trace]: random worlds of context stores;
 * --seed replays one and says what happened. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/contexts/world.h"

static struct world *new_world(void)
{
    struct world *world = malloc(sizeof *world);
    if (world == NULL)
        exit(2);
    return world;
}

static int replay(uint64_t seed, bool with_trace)
{
    struct world *world = new_world();
    bool held = world_run(world, seed, with_trace ? stdout : NULL);
    if (!held)
        fprintf(stderr, "seed %llu failed %s\n  replay: context_swarm --seed %llu --trace\n",
                (unsigned long long)seed, world->failure, (unsigned long long)seed);
    free(world);
    return held ? 0 : 1;
}

static void add(struct world_counts *sum, const struct world_counts *counts)
{
    sum->acked += counts->acked;
    sum->read += counts->read;
    sum->deleted += counts->deleted;
    sum->refused += counts->refused;
    sum->crashes += counts->crashes;
    sum->disks_lost += counts->disks_lost;
    sum->learned += counts->learned;
}

static int run_many(uint64_t first, uint64_t count)
{
    struct world *world = new_world();
    struct world_counts sum = {0};
    for (uint64_t seed = first; seed < first + count; seed++) {
        if (!world_run(world, seed, NULL)) {
            free(world);
            return replay(seed, false);
        }
        add(&sum, &world->counts);
    }
    free(world);
    printf("%llu seeds held: %llu checkpoints acknowledged, %llu read, %llu deleted, %llu without "
           "a majority, %llu crashes, %llu disks lost, %llu stores learned\n",
           (unsigned long long)count, (unsigned long long)sum.acked, (unsigned long long)sum.read,
           (unsigned long long)sum.deleted, (unsigned long long)sum.refused,
           (unsigned long long)sum.crashes, (unsigned long long)sum.disks_lost,
           (unsigned long long)sum.learned);
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
    uint64_t count = 100;
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
