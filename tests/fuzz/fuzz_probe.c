#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "node/io/probe/probe_certificate.h"
#include "node/io/probe/probe_talk.h"

/* What the first byte picks. */
enum { READ_SESSION, READ_TURN, READ_CONNECTOR, READ_HTTP, READ_PATTERN, READ_TIME, READ_N };

/* What strangers wrote is shown in a terminal, and travels in votes. */
static void check_word(const struct probe_word *word)
{
    size_t length = strnlen(word->detail, sizeof word->detail);
    CHECK(length < sizeof word->detail && word->result < SAMPLE_RESULT_N);
    for (size_t i = 0; i < sizeof word->detail; i++)
        CHECK(i < length ? word->detail[i] >= ' ' && word->detail[i] <= '~'
                         : word->detail[i] == '\0');
}

/* Whatever a platform answers, its session says nothing against the bot. */
static void read_talk(enum talk_step step, int status, const struct probe_body *body)
{
    struct probe_config config = {.kind = PROBE_BOT, .flow = "flow", .expect_regex = "[a-z]+ you"};
    struct probe_patterns patterns = {.count = 0};
    struct probe_talk talk = {.step = step, .session = "s", .open = step == TALK_TURN};
    struct probe_word word;
    char path[PROBE_PATH_SIZE];
    char *request = NULL;
    config.turns.count = 2;
    bool more = probe_talk_read(&talk, &config, &patterns, status, body, &word);
    check_word(&word);
    CHECK(!more || word.result == SAMPLE_OK);
    CHECK(step == TALK_TURN || word.result == SAMPLE_OK || word.result == SAMPLE_PLATFORM);
    if (more) {
        CHECK(probe_talk_make(&talk, &config, "external", path, &request) == 0);
        CHECK(strstr(path, "..") == NULL && strpbrk(path, " ?#%") == NULL);
        free(request);
    }
    probe_patterns_fini(&patterns);
}

static void read_expected(enum probe_kind kind, const struct probe_body *body)
{
    const struct probe_config config = {.kind = kind,
                                        .expect_body = "o",
                                        .expect_regex = "(o|k)+",
                                        .expect_pointer = "/a/0/b~1c",
                                        .expect_equals = "1.5"};
    struct probe_patterns patterns = {.count = 0};
    struct probe_word word;
    if (kind == PROBE_CONNECTOR)
        probe_expect_read_connector(&config, &patterns, body, &word);
    else
        probe_expect_read(&config, &patterns, body, &word);
    check_word(&word);
    CHECK(kind == PROBE_CONNECTOR || word.result == SAMPLE_OK || word.result == SAMPLE_BODY);
    probe_patterns_fini(&patterns);
}

/* A pattern that the configuration takes compiles, and matches in bounded time. */
static void read_pattern(const char *text)
{
    struct text why = {.length = 0};
    regex_t compiled;
    if (strlen(text) >= HEADER_SIZE || pattern_check(text, &why) != 0)
        return;
    CHECK(pattern_compile(text, &compiled) == 0);
    (void)pattern_matches(&compiled, text, strlen(text));
    regfree(&compiled);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    enum { HEAD_BYTES = 3 };
    int64_t end_s = 0;
    if (length < HEAD_BYTES)
        return 0;
    int status = bytes[1] << 8 | bytes[2];
    CLEANUP(cleanup_free) char *text = calloc(1, length - HEAD_BYTES + 1);
    CHECK(text != NULL);
    memcpy(text, bytes + HEAD_BYTES, length - HEAD_BYTES);
    const struct probe_body body = {text, length - HEAD_BYTES};
    switch (bytes[0] % READ_N) {
    case READ_SESSION:
    case READ_TURN:
        read_talk(bytes[0] % READ_N == READ_TURN ? TALK_TURN : TALK_SESSION, status, &body);
        break;
    case READ_CONNECTOR:
        read_expected(PROBE_CONNECTOR, &body);
        break;
    case READ_HTTP:
        read_expected(PROBE_HTTP, &body);
        break;
    case READ_PATTERN:
        read_pattern(text);
        break;
    default:
        (void)certificate_parse_time(text, &end_s);
    }
    return 0;
}
