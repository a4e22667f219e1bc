#include "common/check.h"
#include "tests/cluster/failpoints/drive.h"
#include "tests/cluster/failpoints/matrix.h"
#include "tests/lab/base/clock.h"
#include "tests/lab/test/assert.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_DEFAULT = 10, JOBS_MAX = 16, REDUCED_EVERY = 4, PATH_SIZE = 64, WORKER_COUNT_MAX = 64 };

enum progress { CASE_LEFT_OUT, CASE_WAITS, CASE_RUNS, CASE_PASSED, CASE_FAILED };

/* In memory that the workers share. */
struct slot {
    _Atomic int progress;
    pid_t worker;
    struct drive_report report;
};

struct board {
    struct matrix matrix;
    bool has_goal;
    int out_fd; /* where workers tell what passed */
    struct slot slots[MATRIX_CASE_COUNT_MAX];
};

struct options {
    unsigned jobs;
    bool reduced;
    bool no_goal; /* a sanitizer's build is too slow for it */
    const char *only;
};

static int take_case(struct board *board, int variant)
{
    for (size_t i = 0; i < board->matrix.count; i++) {
        int waits = CASE_WAITS;
        bool fits = variant < 0 || (int)board->matrix.cases[i].script->variant == variant;
        if (fits && atomic_compare_exchange_strong(&board->slots[i].progress, &waits, CASE_RUNS))
            return (int)i;
    }
    return -1;
}

static void close_cluster(struct cluster **cluster)
{
    if (*cluster == NULL)
        return;
    cluster_finish(*cluster);
    cluster_abandon(*cluster);
    free(*cluster);
    *cluster = NULL;
}

static struct cluster *open_cluster(enum variant variant, char *failpoint)
{
    struct cluster *cluster = calloc(1, sizeof *cluster);
    struct cluster_settings settings = *scenario_settings(variant);
    assert_non_null(cluster);
    settings.failpoint = failpoint;
    cluster_start(cluster, &settings);
    return cluster;
}

/* One cluster after the other, each for all cases of its kind that are left. A failed demand ends
 * the process. */
static void work(struct board *board)
{
    char failpoint[PATH_SIZE];
    struct cluster *cluster = NULL;
    int variant = -1;
    (void)snprintf(failpoint, sizeof failpoint, "/tmp/quorate-failpoint-%d", (int)getpid());
    for (;;) {
        int next = take_case(board, variant);
        if (next < 0 && variant < 0)
            break;
        if (next < 0) {
            close_cluster(&cluster);
            variant = -1;
            continue;
        }
        struct slot *slot = &board->slots[next];
        const struct matrix_case *made = &board->matrix.cases[next];
        slot->worker = getpid();
        variant = (int)made->script->variant;
        if (cluster == NULL)
            cluster = open_cluster(made->script->variant, failpoint);
        drive_case(cluster, made, board->has_goal, &slot->report);
        drive_reset(cluster);
        atomic_store(&slot->progress, CASE_PASSED);
        (void)dprintf(board->out_fd, "passed %s\n", made->place);
    }
    exit(0);
}

static void log_path(pid_t worker, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "/tmp/quorate-matrix-%d.log", (int)worker);
}

static void start_worker(struct board *board, unsigned number)
{
    char path[PATH_SIZE];
    (void)fflush(stdout);
    pid_t worker = fork();
    assert_true(worker >= 0);
    if (worker > 0)
        return;
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    log_path(getpid(), path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    (void)dup2(fd, STDOUT_FILENO);
    (void)dup2(fd, STDERR_FILENO);
    process_port_slice(number, WORKER_COUNT_MAX);
    work(board);
}

static void show_log(pid_t worker)
{
    char path[PATH_SIZE];
    char line[512];
    log_path(worker, path);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        printf("    %s", line);
    if (file != NULL)
        (void)fclose(file);
}

/* Marks what the worker left half done. Returns whether there was anything. */
static bool judge_worker(struct board *board, pid_t worker, int status)
{
    char path[PATH_SIZE];
    bool failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    for (size_t i = 0; i < board->matrix.count; i++)
        if (board->slots[i].worker == worker && board->slots[i].progress == CASE_RUNS) {
            printf("FAILED %s\n", board->matrix.cases[i].place);
            board->slots[i].progress = CASE_FAILED;
            failed = true;
        }
    if (failed)
        show_log(worker);
    log_path(worker, path);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "/tmp/quorate-failpoint-%d", (int)worker);
    (void)unlink(path);
    return failed;
}

static bool is_waiting(const struct board *board)
{
    for (size_t i = 0; i < board->matrix.count; i++)
        if (board->slots[i].progress == CASE_WAITS)
            return true;
    return false;
}

static bool run_all(struct board *board, unsigned jobs)
{
    unsigned number = 0;
    bool passed = true;
    int status;
    pid_t worker;
    for (unsigned i = 0; i < jobs; i++)
        start_worker(board, number++);
    while ((worker = wait(&status)) > 0) {
        if (!judge_worker(board, worker, status))
            continue;
        passed = false;
        if (is_waiting(board))
            start_worker(board, number++);
    }
    return passed;
}

static void choose(struct board *board, const struct options *options)
{
    for (size_t i = 0; i < board->matrix.count; i++) {
        bool chosen =
            options->only == NULL || strstr(board->matrix.cases[i].place, options->only) != NULL;
        bool reduced =
            options->reduced && (board->matrix.cases[i].script->slow || i % REDUCED_EVERY != 0);
        board->slots[i].progress = chosen && !reduced ? CASE_WAITS : CASE_LEFT_OUT;
    }
}

/* Returns whether all that were chosen passed. */
static bool print_table(const struct board *board)
{
    size_t counts[CASE_FAILED + 1] = {0};
    time_ms worst_ms = 0;
    printf("%-44s %-6s %-11s %8s %8s  %s\n", "place", "died", "end", "ms", "allowed", "verdict");
    for (size_t i = 0; i < board->matrix.count; i++) {
        const struct slot *slot = &board->slots[i];
        const struct drive_report *report = &slot->report;
        counts[slot->progress]++;
        if (slot->progress == CASE_LEFT_OUT)
            continue;
        if (report->allowed_ms > 0 && report->progress_ms > worst_ms)
            worst_ms = report->progress_ms;
        printf("%-44s %-6s %-11s %8lld %8lld  %s\n", board->matrix.cases[i].place, report->victim,
               report->end, (long long)report->progress_ms, (long long)report->allowed_ms,
               slot->progress == CASE_PASSED ? "ok" : "FAILED");
    }
    printf(
        "%zu cases: %zu passed, %zu failed, %zu left out; %zu rows not reached; at the most %lld ms"
        " from the death to the next effective request or the end, where that is judged\n",
        board->matrix.count, counts[CASE_PASSED],
        board->matrix.count - counts[CASE_PASSED] - counts[CASE_LEFT_OUT], counts[CASE_LEFT_OUT],
        board->matrix.unreachable_count, (long long)worst_ms);
    return counts[CASE_PASSED] + counts[CASE_LEFT_OUT] == board->matrix.count &&
           counts[CASE_PASSED] > 0;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--reduced") == 0)
            options->reduced = true;
        else if (strcmp(argv[i], "--no-goal") == 0)
            options->no_goal = true;
        else if (strcmp(argv[i], "--jobs") == 0 && has_value)
            options->jobs = (unsigned)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--only") == 0 && has_value)
            options->only = argv[++i];
        else
            return false;
    }
    return options->jobs >= 1 && options->jobs <= JOBS_MAX;
}

int main(int argc, char **argv)
{
    struct options options = {.jobs = JOBS_DEFAULT};
    if (!read_options(argc, argv, &options)) {
        (void)fprintf(stderr,
                      "usage: %s [--reduced] [--no-goal] [--jobs 1..%d] [--only PART-OF-A-PLACE]\n",
                      argv[0], JOBS_MAX);
        return 2;
    }
    struct board *board =
        mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        return 2;
    board->out_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    bool complete = matrix_make(&board->matrix);
    time_ms start_ms = clock_boot_ms();
    board->has_goal = !options.no_goal;
    choose(board, &options);
    bool passed = run_all(board, options.jobs);
    passed = print_table(board) && passed && complete;
    printf("%lld s\n", (long long)(clock_boot_ms() - start_ms) / 1000);
    return passed ? 0 : 1;
}
