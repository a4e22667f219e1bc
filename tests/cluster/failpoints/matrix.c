#include "tests/cluster/failpoints/matrix.h"

#include "common/check.h"
#include "node/core/move.h"

#include <stdio.h>

struct point {
    const char *name;
    bool leader;
    enum held held;
};

static const struct point entry_points[] = {
    {"proposed", true, HELD_NOT}, {"persisted", true, HELD_NOT}, {"persisted", false, HELD_NOT},
    {"applied", true, HELD_NOT},  {"applied", false, HELD_NOT},
};

static const struct point request_points[] = {
    {"asked", true, HELD_NOT},      {"sent-applied", true, HELD_APPLIED},
    {"sent-lost", true, HELD_LOST}, {"sent-late", true, HELD_LATE},
    {"answered", true, HELD_NOT},
};

static void add(struct matrix *matrix, enum move_state state, const char *word,
                const struct point *points, size_t count, const struct script *script)
{
    for (size_t i = 0; i < count; i++) {
        CHECK(matrix->count < MATRIX_CASE_COUNT_MAX);
        struct matrix_case *made = &matrix->cases[matrix->count++];
        *made = (struct matrix_case){
            .state = state, .leader = points[i].leader, .held = points[i].held, .script = script};
        (void)snprintf(made->place, sizeof made->place, "%s/%s/%s:%s", move_state_name(state), word,
                       points[i].name, points[i].leader ? "leader" : "follower");
    }
}

/* Whether the row's own entry is the intent of the state that it leads to. */
static bool is_intent(enum move_input input)
{
    return input == MOVE_IN_OPEN_WITH_PAUSE || input == MOVE_IN_OPEN_DIRECT ||
           input == MOVE_IN_SWITCH_INTENT;
}

static bool has_intent_row(enum move_state state)
{
    size_t count;
    const struct move_row *table = move_table(&count);
    for (size_t i = 0; i < count; i++)
        if (table[i].to == state && is_intent(table[i].input))
            return true;
    return false;
}

static bool add_rows(struct matrix *matrix)
{
    size_t count;
    const struct move_row *table = move_table(&count);
    bool complete = true;
    for (size_t i = 0; i < count; i++) {
        const struct row_scenario *row = scenario_of_row(table[i].from, table[i].input);
        if (row == NULL) {
            printf("no scenario for %s/%s\n", move_state_name(table[i].from),
                   move_input_name(table[i].input));
            complete = false;
        } else if (row->script == NULL) {
            printf("not reached: %s/%s: %s\n", move_state_name(row->from),
                   move_input_name(row->input), row->unreachable);
            matrix->unreachable_count++;
        } else {
            add(matrix, row->from, move_input_name(row->input), entry_points,
                ARRAY_COUNT(entry_points), row->script);
        }
    }
    return complete;
}

/* READY's request is made in SWITCHING, after the intent. */
static bool add_requests(struct matrix *matrix)
{
    bool complete = true;
    for (enum move_state state = MOVE_NONE; state < MOVE_STATE_N; state++) {
        enum route_step step;
        const struct script *script = scenario_of_request(state);
        if (state == MOVE_READY || move_step_due(state, &step) != 0)
            continue;
        if (script == NULL) {
            printf("no scenario for the request of %s\n", move_state_name(state));
            complete = false;
            continue;
        }
        if (!has_intent_row(state))
            add(matrix, state, "intent", entry_points, ARRAY_COUNT(entry_points), script);
        add(matrix, state, "request", request_points, ARRAY_COUNT(request_points), script);
    }
    return complete;
}

bool matrix_make(struct matrix *matrix)
{
    *matrix = (struct matrix){.count = 0};
    bool complete = add_rows(matrix);
    return add_requests(matrix) && complete;
}
