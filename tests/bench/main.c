#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SWITCH_RUNS = 15,
    CONVICTION_RUNS = 10,
    IDLE_SECONDS = 30,
    CONTEXTS_SECONDS = 90,
    CONVERSATIONS = 10000,
    EXIT_MISSED = 1,
    EXIT_USE = 2
};

struct options {
    const char *only; /* NULL: all parts */
    unsigned runs;    /* 0: each part's own */
    unsigned seconds; /* 0: each part's own */
    unsigned conversations;
    bool redis;
    bool json;
};

static void print_help(void)
{
    puts("Usage: quorate-bench [OPTION...]\n"
         "\n"
         "Measures three nodes on loopback with the lab, and compares with the goals.\n"
         "\n"
         "  --only PART         switch, conviction, idle or contexts\n"
         "  --runs N            of switch (15) and conviction (10)\n"
         "  --seconds N         of idle (30) and contexts (90)\n"
         "  --conversations N   of contexts (10000), each with a checkpoint every 30 s\n"
         "  --store WORD        of contexts: embedded, or redis with a Redis of its own\n"
         "  --json              print JSON\n"
         "\n"
         "Exit code 1 where a goal is missed, 2 for a wrong command line, 255 where a part could\n"
         "not be measured.\n"
         "\n"
         "  quorate-bench --only switch --runs 30");
}

static bool read_number(const char *word, unsigned max, unsigned *ret_number)
{
    char *end = NULL;
    unsigned long number = word == NULL ? 0 : strtoul(word, &end, 10);
    if (word == NULL || *word < '0' || *word > '9' || *end != '\0' || number == 0 || number > max)
        return false;
    *ret_number = (unsigned)number;
    return true;
}

static bool is_part(const char *word)
{
    return word != NULL && (strcmp(word, "switch") == 0 || strcmp(word, "conviction") == 0 ||
                            strcmp(word, "idle") == 0 || strcmp(word, "contexts") == 0);
}

static bool read_store(const char *word, bool *ret_redis)
{
    *ret_redis = word != NULL && strcmp(word, "redis") == 0;
    return *ret_redis || (word != NULL && strcmp(word, "embedded") == 0);
}

static bool read_options(int argc, char **argv, struct options *ret_options)
{
    for (int i = 1; i < argc; i++) {
        bool understood = false;
        if (strcmp(argv[i], "--json") == 0) {
            ret_options->json = true;
            understood = true;
        } else if (strcmp(argv[i], "--only") == 0) {
            ret_options->only = argv[++i];
            understood = is_part(ret_options->only);
        } else if (strcmp(argv[i], "--runs") == 0) {
            understood = read_number(argv[++i], RUNS_MAX, &ret_options->runs);
        } else if (strcmp(argv[i], "--seconds") == 0) {
            understood = read_number(argv[++i], SECONDS_MAX, &ret_options->seconds);
        } else if (strcmp(argv[i], "--conversations") == 0) {
            understood = read_number(argv[++i], CONVERSATIONS_MAX, &ret_options->conversations);
        } else if (strcmp(argv[i], "--store") == 0) {
            understood = read_store(argv[++i], &ret_options->redis);
        }
        if (!understood) {
            (void)fprintf(stderr, "quorate-bench: wrong command line; see --help\n");
            return false;
        }
    }
    return true;
}

static bool is_wanted(const struct options *options, const char *part)
{
    return options->only == NULL || strcmp(options->only, part) == 0;
}

int main(int argc, char **argv)
{
    struct options options = {.conversations = CONVERSATIONS};
    struct report report = {.count = 0};
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_help();
        return 0;
    }
    if (!read_options(argc, argv, &options))
        return EXIT_USE;
    if (is_wanted(&options, "switch"))
        bench_switch(&report, options.runs > 0 ? options.runs : SWITCH_RUNS);
    if (is_wanted(&options, "conviction"))
        bench_conviction(&report, options.runs > 0 ? options.runs : CONVICTION_RUNS);
    if (is_wanted(&options, "idle"))
        bench_idle(&report, options.seconds > 0 ? options.seconds : IDLE_SECONDS);
    if (is_wanted(&options, "contexts"))
        bench_contexts(&report,
                       &(struct contexts_options){.conversations = options.conversations,
                                                  .seconds = options.seconds > 0 ? options.seconds
                                                                                 : CONTEXTS_SECONDS,
                                                  .redis = options.redis});
    if (options.json)
        report_print_json(&report);
    else
        report_print_table(&report);
    return report_goals_met(&report) ? 0 : EXIT_MISSED;
}
