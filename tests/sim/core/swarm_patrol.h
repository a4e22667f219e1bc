/* What a seed of the patrol swarm is made of: a calendar year of one cluster, episode by episode.
 * Never lets a target be ill, but the primary at the very end.
 * swarm_patrol.c runs the year, swarm_episode.c draws and times its troubles.
 *
 * Quiet time is skipped. A cluster is quiet when all nodes are up and agree, the last votes of all
 * voters on both sides say UP, and nothing is open: no inquiry, move, proposal or complaint, no
 * ledger timer (the youngest ballot is older than `within`, no cooldown, hold or budget ages), no
 * doubt about time, no inflated norm of a reference. Then the next patrols, heartbeats and pings
 * bring it from that state to the same state again: complaints and their back-offs are gone with
 * the first UP, nothing that is remembered depends on how long ago it was, and randomness only
 * shifts elections, which nobody needs. So the calendar goes to the next fault while the clocks
 * stand still. One time in SKIPS_TRIED an hour is played instead, and must change nothing.
 *
 * Heartbeats are elided: elections take 10 s and heartbeats 3 s, one in thirty is left. Votes and
 * ballots never look at them; a change of leaders takes longer, so that more patrols and complaints
 * fall into it. */
#ifndef QUORATE_TESTS_SIM_CORE_SWARM_PATROL_H
#define QUORATE_TESTS_SIM_CORE_SWARM_PATROL_H

#include "tests/sim/core/stage.h"

enum { TROUBLES_MAX = 4 };

enum trouble_kind {
    TROUBLE_QUEUE, /* a full queue: all of the voter's paths are slower by the same time */
    TROUBLE_LOSS,  /* ... or lose packets, each for itself */
    TROUBLE_LATE,  /* the voter's own timers run late */
    TROUBLE_PATH,  /* the voter alone does not reach a side, or not well */
    TROUBLE_LIAR,
    TROUBLE_STOP,       /* the voter's process stands still now and then */
    TROUBLE_RESTART,    /* the voter is gone for the time */
    TROUBLE_ISOLATED,   /* its peers do not hear it */
    TROUBLE_API,        /* it does not reach the routing API */
    TROUBLE_REFERENCES, /* for all: references are down */
    TROUBLE_TRANSFER,   /* leadership changes */
    TROUBLE_KIND_N
};

struct trouble {
    enum trouble_kind kind;
    node_id node;
    time_ms begins_ms; /* on the stage's clock */
    time_ms ends_ms;
    bool begun;
};

struct episode {
    size_t count;
    struct trouble troubles[TROUBLES_MAX];
};

/* The troubles of one episode, from now on. Those that make a voter say anything at all lie with a
 * minority; a full queue may come to a minority while one more voter has a bad path: then only
 * distrust keeps the route where it is. */
void episode_draw(struct stage *stage, struct episode *ret_episode);
/* Plays it to its end and heals what it left. */
void episode_play(struct stage *stage, struct episode *episode);
/* A full queue at a minority, now. */
void episode_congest_minority(struct stage *stage);

#endif
