/* swarm [moves|patrol] [--seed S] [--count N] [--trace]: random faults against simulated clusters,
 * of one kind or of both in turn, from seed S (1) on, N (1) seeds. A broken invariant ends it with
 * 1, the seed, and the command that replays it. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "tests/sim/core/swarm_runs.h"

struct kind {
    const char *name;
    void (*run)(uint64_t seed, bool with_trace, struct swarm_sums *sums);
    void (*print)(const struct swarm_sums *sums);
};

void swarm_failed(const struct stage *stage, const char *what)
{
    if (stage->trace.text != NULL)
        fputs(stage->trace.text, stdout);
    fflush(stdout);
    fprintf(stderr,
            "%s, seed %" PRIu64 ": at %lld ms: %s\n  replay: swarm %s --seed %" PRIu64 " --trace\n",
            stage->setup.name, stage->seed, (long long)stage->now_ms, what, stage->setup.name,
            stage->seed);
    exit(1);
}

void swarm_add(struct swarm_sums *sums, const struct stage *stage)
{
    const struct checks_counts *counts = checks_counts(stage);
    if (stage->trace.text != NULL)
        fputs(stage->trace.text, stdout);
    sums->seeds++;
    sums->steps += stage->step_count;
    sums->snapshots += stage->snapshot_count;
    sums->entries += stage->rafts.invariants.commit_max;
    sums->counts.move_steps += counts->move_steps;
    sums->counts.writes += counts->writes;
    sums->counts.half_moved += counts->half_moved;
    sums->counts.finished += counts->finished;
    sums->counts.taken_back += counts->taken_back;
    sums->counts.emptied += counts->emptied;
    sums->counts.inquiries += counts->inquiries;
    sums->counts.ballots += counts->ballots;
    sums->counts.terms += counts->terms;
    for (int i = 0; i < MOVE_CAUSE_N; i++)
        sums->counts.moves[i] += counts->moves[i];
    for (int i = 0; i < MOVE_STATE_N; i++)
        sums->counts.ended[i] += counts->ended[i];
    for (int i = 0; i < VOTE_VALUE_N; i++)
        sums->counts.votes[i] += counts->votes[i];
}

static void print_moves(const struct swarm_sums *sums)
{
    const struct checks_counts *counts = &sums->counts;
    printf("%" PRIu64 " seeds held: %" PRIu64 " move steps, %" PRIu64 " core steps (Raft events), "
           "%" PRIu64 " faults\n",
           sums->seeds, counts->move_steps, sums->steps, sums->faults);
    printf("  moves: %" PRIu64 " by conviction, %" PRIu64 " by operators, %" PRIu64
           " by failback; %" PRIu64 " done, %" PRIu64 " unverified, %" PRIu64 " aborted, %" PRIu64
           " blocked\n",
           counts->moves[CAUSE_CONVICTION], counts->moves[CAUSE_OPERATOR],
           counts->moves[CAUSE_FAILBACK], counts->ended[MOVE_DONE], counts->ended[MOVE_UNVERIFIED],
           counts->ended[MOVE_ABORTED], counts->ended[MOVE_BLOCKED]);
    printf("  %" PRIu64 " requests, %" PRIu64 " inquiries, %" PRIu64 " ballots, %" PRIu64
           " entries, %" PRIu64 " terms, %" PRIu64 " snapshots installed, %" PRIu64
           " drains ended by count\n",
           counts->writes, counts->inquiries, counts->ballots, sums->entries, counts->terms,
           sums->snapshots, counts->emptied);
    printf("  units: %" PRIu64 " half-moved, %" PRIu64 " of them finished, %" PRIu64
           " taken back\n",
           counts->half_moved, counts->finished, counts->taken_back);
}

static void print_patrol(const struct swarm_sums *sums)
{
    const struct checks_counts *counts = &sums->counts;
    printf("%" PRIu64 " seeds held: %" PRIu64 ".%03" PRIu64 " node-years, %" PRIu64 " episodes, "
           "%" PRIu64 " inquiries, %" PRIu64 " ballots, %" PRIu64 " false moves\n",
           sums->seeds, sums->node_years_permille / 1000, sums->node_years_permille % 1000,
           sums->episodes, counts->inquiries, counts->ballots,
           counts->moves[CAUSE_CONVICTION] - sums->deaths);
    printf("  votes in ballots: %" PRIu64 " UP, %" PRIu64 " SLOW, %" PRIu64 " DOWN, %" PRIu64
           " CANNOT_TELL\n",
           counts->votes[VOTE_UP], counts->votes[VOTE_SLOW], counts->votes[VOTE_DOWN],
           counts->votes[VOTE_CANNOT_TELL]);
    printf("  %" PRIu64 " primaries died, %" PRIu64 " were moved, the slowest after %lld ms; "
           "%" PRIu64 " core steps\n",
           sums->deaths, counts->moves[CAUSE_CONVICTION], (long long)sums->slowest_ms, sums->steps);
}

static const struct kind kinds[] = {
    {"moves", swarm_moves_run, print_moves},
    {"patrol", swarm_patrol_run, print_patrol},
};

static int usage(void)
{
    fprintf(stderr, "usage: swarm [moves|patrol] [--seed S] [--count N] [--trace]\n");
    return 2;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seed", required_argument, NULL, 's'},
                                            {"count", required_argument, NULL, 'c'},
                                            {"trace", no_argument, NULL, 't'},
                                            {NULL, 0, NULL, 0}};
    uint64_t first = 1;
    uint64_t count = 1;
    bool with_trace = false;
    int option = 0;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 's')
            first = strtoull(optarg, NULL, 10);
        else if (option == 'c')
            count = strtoull(optarg, NULL, 10);
        else if (option == 't')
            with_trace = true;
        else
            return usage();
    }
    const char *name = optind < argc ? argv[optind] : NULL;
    bool any = false;
    for (size_t i = 0; optind + 1 >= argc && i < ARRAY_COUNT(kinds); i++) {
        struct swarm_sums sums = {0};
        if (name != NULL && strcmp(kinds[i].name, name) != 0)
            continue;
        for (uint64_t seed = first; seed < first + count; seed++)
            kinds[i].run(seed, with_trace, &sums);
        kinds[i].print(&sums);
        any = true;
    }
    return any ? 0 : usage();
}
