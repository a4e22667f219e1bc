/* What the history keeps, what it lets go, and that it never stands in the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "common/errors.h"
#include "node/io/store/history.h"
#include "store_rig.h"

struct stage {
    struct rig rig; /* for its folder alone */
    struct history *history;
};

static void stage_open(struct stage *stage)
{
    struct text why = {0};
    int error = history_open(stage->rig.folder, &stage->history, &why);
    if (error != 0)
        print_error("%s\n", why.bytes);
    assert_int_equal(error, 0);
}

/* Closing writes everything that is queued. */
static void stage_flush(struct stage *stage)
{
    history_free(&stage->history);
    stage_open(stage);
}

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    rig_init(&stage->rig);
    assert_int_equal(mkdir(stage->rig.folder, 0700), 0);
    stage_open(stage);
    *state = stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    history_free(&stage->history);
    rig_fini(&stage->rig);
    free(stage);
    return 0;
}

/* What a list gave, shortened to what the tests ask for. */
struct seen {
    size_t count;
    uint64_t ids[8];
    char words[1024]; /* of the first */
    uint8_t certificate[64];
    size_t certificate_length;
    bool has_certificate;
};

static void see_event(const struct history_event *event, void *data)
{
    struct seen *seen = data;
    if (seen->count == 0)
        snprintf(seen->words, sizeof seen->words, "%lld %s %s %llu %s", (long long)event->wall_ms,
                 event->kind, event->service, (unsigned long long)event->index, event->json);
    if (seen->count < 8)
        seen->ids[seen->count] = event->id;
    seen->count++;
}

static void see_incident(const struct history_incident *incident, void *data)
{
    struct seen *seen = data;
    if (seen->count == 0)
        snprintf(seen->words, sizeof seen->words, "%s %lld %lld %llu %s %s %s %s %s %s",
                 incident->service, (long long)incident->opened_wall_ms,
                 (long long)incident->closed_wall_ms, (unsigned long long)incident->index,
                 incident->verdict, incident->severity, incident->from, incident->to,
                 incident->outcome, incident->steps);
    if (seen->count < 8)
        seen->ids[seen->count] = incident->id;
    seen->count++;
    seen->has_certificate = incident->certificate != NULL;
    seen->certificate_length = incident->certificate_length;
    if (incident->certificate != NULL && incident->certificate_length <= sizeof seen->certificate)
        memcpy(seen->certificate, incident->certificate, incident->certificate_length);
}

static void wait_a_little(void)
{
    struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&pause, NULL);
}

/* Adds, waiting while the queue is full. */
static void add_patiently(struct history *history, const struct history_event *event)
{
    int error;
    while ((error = history_add_event(history, event)) == ERR_FULL)
        wait_a_little();
    assert_int_equal(error, 0);
}

static void events_come_back_in_order_with_all_their_words(void **state)
{
    struct stage *stage = *state;
    struct history_event event = {.wall_ms = 1234567890123,
                                  .kind = "convicted",
                                  .service = "booking",
                                  .index = 42,
                                  .json = "{\"side\":1}"};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(history_add_event(stage->history, &event), 0);
        event.index++;
    }
    stage_flush(stage);
    struct seen seen = {0};
    assert_int_equal(history_list_events(stage->history, 0, 10, see_event, &seen), 0);
    assert_int_equal(seen.count, 5);
    assert_string_equal(seen.words, "1234567890123 convicted booking 42 {\"side\":1}");
    assert_int_equal(seen.ids[0], 1);
    assert_int_equal(seen.ids[4], 5);
    struct seen later = {0};
    assert_int_equal(history_list_events(stage->history, 3, 10, see_event, &later), 0);
    assert_int_equal(later.count, 2);
    assert_int_equal(later.ids[0], 4);
    struct seen last = {0};
    assert_int_equal(history_list_last_events(stage->history, 2, see_event, &last), 0);
    assert_int_equal(last.count, 2);
    assert_int_equal(last.ids[0], 5);
    assert_int_equal(last.ids[1], 4);
}

static void an_event_without_words_is_kept_with_empty_ones(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(history_add_event(stage->history, &(struct history_event){.wall_ms = -1}), 0);
    stage_flush(stage);
    struct seen seen = {0};
    assert_int_equal(history_list_events(stage->history, 0, 10, see_event, &seen), 0);
    assert_string_equal(seen.words, "-1   0 ");
}

static void an_incident_is_updated_and_keeps_its_certificate(void **state)
{
    struct stage *stage = *state;
    const uint8_t certificate[] = {1, 0, 2, 0, 255};
    struct history_incident incident = {.id = 77,
                                        .service = "booking",
                                        .opened_wall_ms = 1000,
                                        .index = 80,
                                        .verdict = "CONVICTED",
                                        .severity = "DOWN",
                                        .from = "primary",
                                        .to = "standby",
                                        .certificate = certificate,
                                        .certificate_length = sizeof certificate};
    assert_int_equal(history_put_incident(stage->history, &incident), 0);
    incident.certificate = NULL;
    incident.certificate_length = 0;
    incident.closed_wall_ms = 2000;
    incident.index = 90;
    incident.outcome = "moved";
    char steps[] = "[7]"; /* the caller's, and gone before it is written */
    incident.steps = steps;
    assert_int_equal(history_put_incident(stage->history, &incident), 0);
    memset(steps, 'x', sizeof steps - 1);
    stage_flush(stage);
    struct seen seen = {0};
    assert_int_equal(history_get_incident(stage->history, 77, see_incident, &seen), 0);
    assert_string_equal(seen.words,
                        "booking 1000 2000 90 CONVICTED DOWN primary standby moved [7]");
    assert_int_equal(seen.certificate_length, sizeof certificate);
    assert_memory_equal(seen.certificate, certificate, sizeof certificate);
    struct seen list = {0};
    assert_int_equal(history_list_incidents(stage->history, 10, see_incident, &list), 0);
    assert_int_equal(list.count, 1);
    assert_false(list.has_certificate);
    assert_int_equal(list.certificate_length, sizeof certificate);
}

/* An older build's database lacks the steps. */
static void a_history_of_an_earlier_build_goes_on(void **state)
{
    static const char earlier[] =
        "ALTER TABLE incidents DROP COLUMN steps;"
        "INSERT INTO incidents VALUES(5, 'booking', 1, 0, 9, 'V', 'S', 'a', 'b', 'DONE', NULL)";
    struct stage *stage = *state;
    char path[RIG_PATH_SIZE];
    sqlite3 *db = NULL;
    history_free(&stage->history);
    assert_int_equal(sqlite3_open(rig_path(&stage->rig, "history.db", path), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, earlier, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    stage_open(stage);
    struct seen seen = {0};
    assert_int_equal(history_get_incident(stage->history, 5, see_incident, &seen), 0);
    assert_string_equal(seen.words, "booking 1 0 9 V S a b DONE ");
    struct history_incident incident = {.id = 6, .service = "booking", .steps = "[]"};
    assert_int_equal(history_put_incident(stage->history, &incident), 0);
    stage_flush(stage);
    struct seen later = {0};
    assert_int_equal(history_get_incident(stage->history, 6, see_incident, &later), 0);
    assert_int_equal(later.count, 1);
}

static void an_unknown_incident_is_not_found(void **state)
{
    struct stage *stage = *state;
    struct seen seen = {0};
    assert_int_equal(history_get_incident(stage->history, 5, see_incident, &seen), ERR_NOT_FOUND);
    assert_int_equal(seen.count, 0);
}

static void incidents_are_listed_newest_first_and_the_oldest_go(void **state)
{
    struct stage *stage = *state;
    for (uint64_t id = 10; id <= (HISTORY_INCIDENTS_MAX + 20) * 10; id += 10) {
        struct history_incident incident = {.id = id, .service = "booking"};
        while (history_put_incident(stage->history, &incident) == ERR_FULL)
            wait_a_little();
    }
    stage_flush(stage);
    struct seen seen = {0};
    assert_int_equal(history_list_incidents(stage->history, 100000, see_incident, &seen), 0);
    assert_int_equal(seen.count, HISTORY_INCIDENTS_MAX);
    assert_int_equal(seen.ids[0], (HISTORY_INCIDENTS_MAX + 20) * 10);
    assert_int_equal(seen.ids[1], (HISTORY_INCIDENTS_MAX + 19) * 10);
    assert_int_equal(history_get_incident(stage->history, 200, see_incident, &seen), ERR_NOT_FOUND);
    assert_int_equal(history_get_incident(stage->history, 210, see_incident, &seen), 0);
}

static void the_oldest_events_go_and_ids_are_never_used_again(void **state)
{
    struct stage *stage = *state;
    struct history_event event = {.kind = "vote", .service = "booking", .json = "{}"};
    for (uint64_t i = 0; i < HISTORY_EVENTS_MAX + 500; i++)
        add_patiently(stage->history, &event);
    stage_flush(stage);
    struct seen seen = {0};
    assert_int_equal(history_list_events(stage->history, 0, 1000000, see_event, &seen), 0);
    assert_int_equal(seen.count, HISTORY_EVENTS_MAX);
    assert_int_equal(seen.ids[0], 501);
    struct seen last = {0};
    assert_int_equal(history_list_last_events(stage->history, 1, see_event, &last), 0);
    assert_int_equal(last.ids[0], HISTORY_EVENTS_MAX + 500);
}

static void what_does_not_fit_is_dropped_and_counted(void **state)
{
    struct stage *stage = *state;
    size_t size = HISTORY_RECORD_BYTES_MAX + 1;
    char *json = malloc(size);
    memset(json, 'x', size - 1);
    json[size - 1] = '\0';
    struct history_event event = {.kind = "vote", .json = json};
    assert_int_equal(history_add_event(stage->history, &event), ERR_TOO_LARGE);
    assert_int_equal(history_dropped_count(stage->history), 1);
    struct history_incident incident = {
        .id = 1, .certificate = (uint8_t *)json, .certificate_length = SIZE_MAX};
    assert_int_equal(history_put_incident(stage->history, &incident), ERR_TOO_LARGE);
    assert_int_equal(history_dropped_count(stage->history), 2);
    uint64_t refused = 0;
    json[size / 2] = '\0';
    for (int i = 0; i < 200; i++)
        refused += history_add_event(stage->history, &event) == ERR_FULL;
    assert_true(refused > 0);
    assert_int_equal(history_dropped_count(stage->history), 2 + refused);
    free(json);
}

static void a_history_that_is_no_database_is_kept_aside_and_begun_anew(void **state)
{
    struct stage *stage = *state;
    char path[RIG_PATH_SIZE];
    history_free(&stage->history);
    uint8_t noise[5000];
    memset(noise, 0x77, sizeof noise);
    rig_write_file(rig_path(&stage->rig, "history.db", path), noise, sizeof noise);
    stage_open(stage);
    assert_int_equal(rig_file_bytes(rig_path(&stage->rig, "history.db.damaged", path)),
                     sizeof noise);
    add_patiently(stage->history, &(struct history_event){.kind = "start"});
    stage_flush(stage);
    struct seen seen = {0};
    assert_int_equal(history_list_events(stage->history, 0, 10, see_event, &seen), 0);
    assert_int_equal(seen.count, 1);
}

static void a_missing_folder_is_an_error_that_names_the_file(void **state)
{
    (void)state;
    struct history *history = NULL;
    struct text why = {0};
    assert_int_equal(history_open("/nonexistent/data", &history, &why), ERR_IO);
    assert_non_null(strstr(why.bytes, "/nonexistent/data/history.db"));
    assert_null(history);
}

/* The reader's connection is its own: it sees what is committed while the writer goes on. */
static void reading_works_while_writing_goes_on(void **state)
{
    struct stage *stage = *state;
    struct history_event event = {.kind = "vote", .service = "booking", .json = "{}"};
    for (int i = 0; i < 3000; i++) {
        add_patiently(stage->history, &event);
        if (i % 100 == 0) {
            struct seen seen = {0};
            assert_int_equal(history_list_last_events(stage->history, 50, see_event, &seen), 0);
        }
    }
    stage_flush(stage);
    struct seen seen = {0};
    assert_int_equal(history_list_events(stage->history, 0, 10000, see_event, &seen), 0);
    assert_int_equal(seen.count, 3000);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(events_come_back_in_order_with_all_their_words, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(an_event_without_words_is_kept_with_empty_ones, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(an_incident_is_updated_and_keeps_its_certificate, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(a_history_of_an_earlier_build_goes_on, set_up, tear_down),
    cmocka_unit_test_setup_teardown(an_unknown_incident_is_not_found, set_up, tear_down),
    cmocka_unit_test_setup_teardown(incidents_are_listed_newest_first_and_the_oldest_go, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(the_oldest_events_go_and_ids_are_never_used_again, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(what_does_not_fit_is_dropped_and_counted, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_history_that_is_no_database_is_kept_aside_and_begun_anew,
                                    set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_missing_folder_is_an_error_that_names_the_file, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(reading_works_while_writing_goes_on, set_up, tear_down),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
