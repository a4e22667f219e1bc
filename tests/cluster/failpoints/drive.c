#include "tests/cluster/failpoints/drive.h"

#include "common/check.h"
#include "tests/cluster/ask.h"
#include "tests/cluster/check.h"
#include "tests/lab/test/assert.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SERVICE_PATH "/v1/services/" CLUSTER_SERVICE
#define ENTRY(priority, active, flow)                                     \
    "{\"priority\":" priority ",\"active\":" active ",\"conditions\":[]," \
    "\"destination\":{\"type\":\"Flow\",\"id\":\"" flow "\"}}"
#define EDIT_PAUSED                                                                   \
    "{\"entries\":[" ENTRY("50", "false", "PRIMARY_FLOW_ID") "," ENTRY("60", "false", \
                                                                       "STANDBY_FLOW_ID") "]}"
#define EDIT_FOREIGN "{\"entries\":[" ENTRY("5", "true", "SOMEBODY_ELSES_FLOW") "]}"
#define EDIT_PRIMARY                                                                 \
    "{\"entries\":[" ENTRY("50", "true", "PRIMARY_FLOW_ID") "," ENTRY("60", "false", \
                                                                      "STANDBY_FLOW_ID") "]}"
#define EDIT_STANDBY                                                                 \
    "{\"entries\":[" ENTRY("10", "true", "STANDBY_FLOW_ID") "," ENTRY("50", "false", \
                                                                      "PRIMARY_FLOW_ID") "]}"
#define RELEASE SERVICE_PATH "/release", "{\"reason\":\"case\"}"
#define MODE_HEALTHY "{\"mode\":\"healthy\"}"
#define MODE_DEAD "{\"mode\":\"error500\"}"
#define MODE_SLOW "{\"mode\":\"slow\",\"ms\":280}"

enum {
    CASE_MS_MAX = 45000,
    NOBODY_MS = 2000, /* after the end nobody comes to the place any more */
    POLL_MS = 5,
    ASK_MS = 700, /* a follower waits longer than this for a leader that is gone */
    /* The goal: election base 1 s, and D 2 s; the drain and the propagation come on top. */
    GOAL_ELECTION_MS = 2500,
    GOAL_DEADLINE_MS = 2000,
    PROPAGATION_MS = 200,
    QUICK_DRAIN_MS = 600,
    LONG_DRAIN_MS = 5000,
    SHORT_PAUSE_DRAIN_MS = 4000,
};

struct drive {
    struct cluster *cluster;
    const struct matrix_case *made;
    struct bot_process *serving;
    struct bot_process *other;
    const char *serving_word;
    const char *other_word;
    size_t asked;          /* the node that is asked: the leader while it answers */
    double last_move;      /* the newest move's id before the case */
    enum move_state state; /* MOVE_NONE until there is a newer one */
    time_ms state_ms;      /* since when it was seen */
    size_t next_line;
    bool let_hold; /* the simulator holds the next request, and its sender dies by our hand */
    int victim;
    time_ms killed_ms;
    time_ms ended_ms;
    bool has_goal;
    double journal_seq; /* the newest line before the case */
};

/* A GET or POST that gives up early; NULL unless it was answered with a 2xx. */
static cJSON *ask_soon(const struct drive *drive, const char *path, const char *body)
{
    struct client_request request = {.method = body != NULL ? "POST" : "GET",
                                     .port = drive->cluster->nodes[drive->asked].api_port,
                                     .path = path,
                                     .headers = {body != NULL ? ASK_WRITE : ASK_READ},
                                     .body = body,
                                     .timeout_ms = ASK_MS};
    struct client_reply reply = {0};
    client_send(&request, &reply);
    cJSON *page = reply.status / 100 == 2 ? cJSON_Parse(reply.body) : NULL;
    client_reply_free(&reply);
    return page;
}

static void choose_asked(struct drive *drive)
{
    int leader = ask_leader(drive->cluster);
    if (leader >= 0)
        drive->asked = (size_t)leader;
    for (size_t i = 0; !node_is_running(drive->cluster, drive->asked) && i < 3; i++)
        drive->asked = (drive->asked + 1) % drive->cluster->node_count;
}

static enum move_state state_named(const char *word)
{
    for (enum move_state state = MOVE_NONE; state < MOVE_STATE_N; state++)
        if (strcmp(move_state_name(state), word) == 0)
            return state;
    fail_msg("%s is no state", word);
    return MOVE_NONE;
}

static void look(struct drive *drive)
{
    cJSON *page = ask_soon(drive, SERVICE_PATH, NULL);
    const cJSON *move = cJSON_GetObjectItemCaseSensitive(page, "move");
    if (cJSON_IsObject(move) && client_number(move, "id") > drive->last_move) {
        enum move_state state = state_named(client_text(move, "state"));
        if (state != drive->state)
            drive->state_ms = clock_boot_ms();
        drive->state = state;
    }
    if (page == NULL)
        choose_asked(drive);
    cJSON_Delete(page);
}

static void clear_faults(const struct cluster *cluster)
{
    cJSON_Delete(client_json(cluster->sim.port, "DELETE", "/sim/faults", NULL, 200));
}

static void edit(const struct cluster *cluster, const char *entries)
{
    cJSON_Delete(client_json(cluster->sim.port, "POST", "/sim/plans/plan-1", entries, 200));
}

/* Once accepted it is done; a repeat of what was accepted unheard changes nothing. */
static bool operate(const struct drive *drive, const char *path, const char *body)
{
    cJSON *answer = ask_soon(drive, path, body);
    bool accepted = answer != NULL;
    cJSON_Delete(answer);
    return accepted;
}

static void hold_request(struct drive *drive, enum move_state state)
{
    static const char *const faults[HELD_N] = {
        [HELD_APPLIED] = "{\"fault\":\"latency\",\"ms\":1500,",
        [HELD_LOST] = "{\"fault\":\"hang\",",
        [HELD_LATE] = "{\"fault\":\"hold-then-apply-late\",\"ms\":1500,",
    };
    char fault[160];
    if (drive->made->held == HELD_NOT || drive->made->state != state)
        return;
    (void)snprintf(fault, sizeof fault,
                   "%s\"match\":{\"method\":\"PATCH\",\"path\":\"/api\",\"count\":1}}",
                   faults[drive->made->held]);
    sim_fault(&drive->cluster->sim, fault);
    drive->let_hold = true;
}

/* Returns false where the line is to be tried again. */
static bool perform(struct drive *drive, const struct line *line)
{
    switch (line->act) {
    case ACT_FAIL_SERVING:
        bot_mode(drive->serving, MODE_DEAD);
        break;
    case ACT_SLOW_SERVING:
        bot_mode(drive->serving, MODE_SLOW);
        break;
    case ACT_FAIL_OTHER:
        bot_mode(drive->other, MODE_DEAD);
        break;
    case ACT_HOLD:
        return operate(drive, SERVICE_PATH "/hold", "{\"reason\":\"case\",\"for\":\"1h\"}");
    case ACT_RELEASE:
        return operate(drive, RELEASE);
    case ACT_FAULT:
        sim_fault(&drive->cluster->sim, line->text);
        break;
    case ACT_CLEAR_FAULTS:
        clear_faults(drive->cluster);
        break;
    case ACT_EDIT_PAUSED:
        edit(drive->cluster, EDIT_PAUSED);
        break;
    case ACT_EDIT_FOREIGN:
        edit(drive->cluster, EDIT_FOREIGN);
        break;
    case ACT_HOLD_REQUEST:
        hold_request(drive, line->request);
        break;
    case ACT_END:
        return false;
    }
    return true;
}

static const struct line *line_due(const struct drive *drive)
{
    const struct line *line = &drive->made->script->lines[drive->next_line];
    bool here = line->when == MOVE_NONE ||
                (line->when == drive->state && clock_boot_ms() - drive->state_ms >= line->after_ms);
    return line->act != ACT_END && here ? line : NULL;
}

static void play(struct drive *drive)
{
    const struct line *line;
    while ((line = line_due(drive)) != NULL && perform(drive, line))
        drive->next_line++;
}

static void note_death(struct drive *drive, size_t place)
{
    drive->killed_ms = clock_boot_ms();
    drive->victim = (int)place;
    node_bury(drive->cluster, place);
    choose_asked(drive);
}

/* The request has come: the simulator used the fault up that holds it. */
static bool fault_is_taken(const struct cluster *cluster)
{
    cJSON *page = client_json(cluster->sim.port, "GET", "/sim/faults", NULL, 200);
    int count = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(page, "faults"));
    cJSON_Delete(page);
    return count == 0;
}

static void watch_deaths(struct drive *drive)
{
    for (size_t i = 0; i < drive->cluster->node_count; i++) {
        if (!node_is_running(drive->cluster, i) || !node_has_ended(drive->cluster, i))
            continue;
        if (drive->victim >= 0)
            fail_msg("%s ended, too", drive->cluster->nodes[i].name);
        note_death(drive, i);
    }
    if (drive->let_hold && drive->victim < 0 && fault_is_taken(drive->cluster)) {
        size_t leader = drive->asked;
        assert_int_equal(kill(drive->cluster->nodes[leader].process.pid, SIGKILL), 0);
        note_death(drive, leader);
    }
}

static bool has_ended(const struct drive *drive)
{
    bool over = (drive->made->script->ends >> drive->state & 1u) != 0;
    bool died = drive->victim >= 0;
    const struct line *left = &drive->made->script->lines[drive->next_line];
    /* A BLOCKED move still has lines about it; what only came too late is left out. */
    bool busy = left->act != ACT_END && left->when == drive->state;
    return drive->state != MOVE_NONE && over && died && !busy;
}

static const char *failpoint_path(const struct drive *drive)
{
    return drive->cluster->settings.failpoint;
}

static void arm(const struct drive *drive)
{
    if (drive->made->held != HELD_NOT)
        return;
    FILE *file = fopen(failpoint_path(drive), "we");
    assert_non_null(file);
    (void)fprintf(file, "%s\n", drive->made->place);
    assert_int_equal(fclose(file), 0);
}

/* It ended otherwise, or without a death, and that is no news. */
static bool is_missed(const struct drive *drive)
{
    bool over = drive->state == MOVE_DONE || drive->state == MOVE_UNVERIFIED ||
                drive->state == MOVE_ABORTED;
    bool meant = (drive->made->script->ends >> drive->state & 1u) != 0;
    return over && !(meant && drive->victim >= 0) && clock_boot_ms() - drive->state_ms > NOBODY_MS;
}

static void run_script(struct drive *drive)
{
    time_ms until_ms = clock_boot_ms() + CASE_MS_MAX;
    while (!has_ended(drive)) {
        if (clock_boot_ms() > until_ms || is_missed(drive))
            fail_msg("%s: %s, the move is %s, line %zu is next", drive->made->place,
                     drive->victim < 0 ? "nobody came there" : "it does not end",
                     move_state_name(drive->state), drive->next_line);
        watch_deaths(drive);
        look(drive);
        play(drive);
        (void)poll(NULL, 0, POLL_MS);
    }
    drive->ended_ms = clock_boot_ms();
}

static double newest_seq(const struct cluster *cluster)
{
    cJSON *journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    int count = cJSON_GetArraySize(journal);
    double seq = count > 0 ? client_number(cJSON_GetArrayItem(journal, count - 1), "seq") : 0;
    cJSON_Delete(journal);
    return seq;
}

/* How often the case's own writes brought the route to the state; the first one after the death. */
static int count_effective(const struct drive *drive, const char *state, time_ms *progress_ms)
{
    char path[64];
    const cJSON *line;
    int count = 0;
    (void)snprintf(path, sizeof path, "/sim/journal?after=%.0f", drive->journal_seq);
    cJSON *journal = client_json(drive->cluster->sim.port, "GET", path, NULL, 200);
    cJSON_ArrayForEach(line, journal)
    {
        double since_ms = client_number(line, "mono_ms") - (double)drive->killed_ms;
        if (strcmp(client_text(line, "method"), "PATCH") != 0 || !client_truth(line, "applied"))
            continue;
        count += strcmp(client_text(line, "state_after"), state) == 0 &&
                 strcmp(client_text(line, "state_before"), state) != 0;
        if (since_ms > 0 && since_ms < (double)*progress_ms)
            *progress_ms = (time_ms)since_ms;
    }
    cJSON_Delete(journal);
    return count;
}

static time_ms drain_of(enum variant variant)
{
    static const time_ms drains[VARIANT_N] = {
        [VARIANT_QUICK] = QUICK_DRAIN_MS,
        [VARIANT_LONG_DRAIN] = LONG_DRAIN_MS,
        [VARIANT_SHORT_PAUSE] = SHORT_PAUSE_DRAIN_MS,
        [VARIANT_EXPIRING] = QUICK_DRAIN_MS,
    };
    return drains[variant];
}

static time_ms allowed_ms(const struct matrix_case *made)
{
    time_ms drain_ms = made->state == MOVE_PAUSING || made->state == MOVE_DRAINING
                           ? drain_of(made->script->variant)
                           : 0;
    if (made->script->slow || !made->leader)
        return 0;
    return GOAL_ELECTION_MS + GOAL_DEADLINE_MS + PROPAGATION_MS + drain_ms;
}

static void judge(const struct drive *drive, struct drive_report *report)
{
    const char *place = drive->made->place;
    time_ms progress_ms = drive->ended_ms - drive->killed_ms;
    int switches = count_effective(drive, drive->other_word, &progress_ms);
    int resumes = count_effective(drive, drive->serving_word, &progress_ms);
    int pauses = count_effective(drive, "paused", &progress_ms);
    bool moved = drive->state == MOVE_DONE || drive->state == MOVE_UNVERIFIED;
    (void)snprintf(report->victim, sizeof report->victim, "%s",
                   drive->cluster->nodes[drive->victim].name);
    (void)snprintf(report->end, sizeof report->end, "%s", move_state_name(drive->state));
    report->progress_ms = progress_ms;
    report->allowed_ms = allowed_ms(drive->made);
    if (switches > 1 || pauses > 1 || resumes > 1 || switches + resumes > 1 ||
        (moved && switches != 1))
        fail_msg("%s: %d switches, %d pauses, %d resumes", place, switches, pauses, resumes);
    if (drive->has_goal && report->allowed_ms > 0 && progress_ms > report->allowed_ms)
        fail_msg("%s: %lld ms, and %lld are allowed", place, (long long)progress_ms,
                 (long long)report->allowed_ms);
}

static void choose_sides(struct drive *drive)
{
    bool primary = ask_service_is(drive->cluster, drive->asked, "serving", "primary");
    drive->serving = primary ? &drive->cluster->primary : &drive->cluster->standby;
    drive->other = primary ? &drive->cluster->standby : &drive->cluster->primary;
    drive->serving_word = primary ? "primary" : "standby";
    drive->other_word = primary ? "standby" : "primary";
}

static double newest_move(const struct drive *drive)
{
    cJSON *page = ask_get(drive->cluster, drive->asked, SERVICE_PATH);
    const cJSON *move = cJSON_GetObjectItemCaseSensitive(page, "move");
    double id = cJSON_IsObject(move) ? client_number(move, "id") : 0;
    cJSON_Delete(page);
    return id;
}

void drive_case(struct cluster *cluster, const struct matrix_case *made, bool has_goal,
                struct drive_report *ret_report)
{
    struct drive drive = {.cluster = cluster, .made = made, .victim = -1};
    drive.asked = ask_wait_leader(cluster);
    choose_sides(&drive);
    drive.last_move = newest_move(&drive);
    drive.journal_seq = newest_seq(cluster);
    arm(&drive);
    run_script(&drive);
    drive.has_goal = has_goal;
    judge(&drive, ret_report);
    node_start_and_wait(cluster, (size_t)drive.victim);
    WAIT_UNTIL(ask_settled(cluster));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    check_histories(cluster);
}

/* An ended inquiry leaves its ballots behind; they would count in the next case. */
static bool has_failures(const cJSON *service)
{
    const cJSON *rolling = cJSON_GetObjectItemCaseSensitive(service, "rolling");
    return strchr(client_text(rolling, "primary"), 'F') != NULL ||
           strchr(client_text(rolling, "standby"), 'F') != NULL;
}

static bool is_steady(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->node_count; i++) {
        cJSON *page = ask_get(cluster, i, SERVICE_PATH);
        bool held = cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(page, "hold"));
        bool steady = !has_failures(page) &&
                      strcmp(client_text(page, "condition"), "steady") == 0 &&
                      strcmp(client_text(page, "route"), client_text(page, "serving")) == 0;
        cJSON_Delete(page);
        if (held || !steady)
            return false;
    }
    return ask_settled(cluster) && ask_ledgers_equal(cluster);
}

/* A human puts right what only humans may: a foreign or paused route. */
static void mend_route(const struct cluster *cluster, size_t leader)
{
    bool primary = ask_service_is(cluster, leader, "serving", "primary");
    if (sim_state_is(&cluster->sim, "paused") || sim_state_is(&cluster->sim, "foreign"))
        edit(cluster, primary ? EDIT_PRIMARY : EDIT_STANDBY);
}

/* Refused while a request of the move may still land; and where one seems to have, the move goes on
 * and rests once more. */
static bool is_released(struct cluster *cluster)
{
    size_t leader = ask_wait_leader(cluster);
    struct drive drive = {.cluster = cluster, .asked = leader};
    return operate(&drive, RELEASE) && !ask_service_is(cluster, leader, "condition", "moving") &&
           !ask_service_is(cluster, leader, "condition", "blocked");
}

void drive_reset(struct cluster *cluster)
{
    clear_faults(cluster);
    (void)unlink(cluster->settings.failpoint);
    bot_mode(&cluster->primary, MODE_HEALTHY);
    bot_mode(&cluster->standby, MODE_HEALTHY);
    mend_route(cluster, ask_wait_leader(cluster));
    WAIT_UNTIL(is_released(cluster));
    WAIT_UNTIL(is_steady(cluster));
}
