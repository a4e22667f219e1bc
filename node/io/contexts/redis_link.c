#include "node/io/contexts/redis_link.h"

#include <inttypes.h>
#include <string.h>
#include <sys/time.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "common/log.h"

static void cleanup_reply(redisReply **reply)
{
    if (*reply != NULL)
        freeReplyObject(*reply);
}

static struct timeval timeval_of(time_ms duration_ms)
{
    return (struct timeval){.tv_sec = (time_t)(duration_ms / 1000),
                            .tv_usec = (suseconds_t)(duration_ms % 1000) * 1000};
}

void redis_link_init(struct redis_link *link, const struct redis_config *config)
{
    *link = (struct redis_link){.config = config};
}

static void hang_up(struct redis_link *link)
{
    if (link->context != NULL)
        redisFree(link->context);
    link->context = NULL;
}

void redis_link_fini(struct redis_link *link)
{
    hang_up(link);
}

void redis_link_fail(struct redis_link *link, time_ms now_ms, const char *why)
{
    if (link->failures++ == 0)
        log_warn("redis_unreachable", "host=%s port=%u why=\"%s\"", link->config->host,
                 (unsigned)link->config->port, why);
    link->not_before_ms = now_ms + REDIS_PAUSE_MS;
    hang_up(link);
}

void redis_link_well(struct redis_link *link)
{
    if (link->failures > 0)
        log_info("redis_recovered", "failures=%" PRIu64, link->failures);
    link->failures = 0;
}

/* A command on a fresh connection. Returns 0, ERR_NETWORK, or ERR_AUTH where the server says no. */
static int ask(struct redis_link *link, int count, const char **words, redisReply **ret_reply,
               struct text *why)
{
    *ret_reply = redisCommandArgv(link->context, count, words, NULL);
    if (*ret_reply == NULL) {
        text_set(why, "%s", link->context->errstr);
        return ERR_NETWORK;
    }
    if ((*ret_reply)->type != REDIS_REPLY_ERROR)
        return 0;
    text_set(why, "%s", (*ret_reply)->str);
    return ERR_AUTH;
}

static int ask_plainly(struct redis_link *link, int count, const char **words, struct text *why)
{
    CLEANUP(cleanup_reply) redisReply *reply = NULL;
    return ask(link, count, words, &reply, why);
}

static int log_in(struct redis_link *link, struct text *why)
{
    const struct redis_config *config = link->config;
    const char *words[] = {"AUTH", config->user, config->password};
    if (config->password[0] == '\0')
        return 0;
    if (config->user[0] != '\0')
        return ask_plainly(link, 3, words, why);
    words[1] = config->password;
    return ask_plainly(link, 2, words, why);
}

static int choose_database(struct redis_link *link, struct text *why)
{
    struct text number;
    text_set(&number, "%" PRIu32, link->config->database);
    const char *words[] = {"SELECT", number.bytes};
    return link->config->database == 0 ? 0 : ask_plainly(link, 2, words, why);
}

static int load_scripts(struct redis_link *link, struct text *why)
{
    for (int i = 0; i < REDIS_SCRIPT_N; i++) {
        CLEANUP(cleanup_reply) redisReply *reply = NULL;
        const char *words[] = {"SCRIPT", "LOAD", redis_script_text((enum redis_script)i)};
        int rc = ask(link, 3, words, &reply, why);
        if (rc == 0 && (reply->type != REDIS_REPLY_STRING ||
                        text_copy(link->sha[i], sizeof link->sha[i], reply->str) != 0)) {
            text_set(why, "SCRIPT LOAD answered something else");
            rc = ERR_NETWORK;
        }
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* CONFIG GET of one name; "" where it is not told. */
static int setting(struct redis_link *link, const char *name, char *ret_value, size_t size)
{
    CLEANUP(cleanup_reply) redisReply *reply = NULL;
    struct text why = {0};
    const char *words[] = {"CONFIG", "GET", name};
    int rc = ask(link, 3, words, &reply, &why);
    ret_value[0] = '\0';
    if (rc == ERR_NETWORK)
        return rc;
    if (rc == 0 && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
        reply->element[1]->type == REDIS_REPLY_STRING)
        (void)text_copy(ret_value, size, reply->element[1]->str);
    return 0;
}

int redis_link_durability(struct redis_link *link, struct text *ret_doubt)
{
    static const struct {
        const char *name;
        const char *wanted;
        const char *means;
    } rows[] = {
        {"appendonly", "yes", "a restart loses what was acknowledged"},
        {"appendfsync", "always", "a crash of its machine loses up to a second"},
        {"maxmemory-policy", "noeviction", "it may throw acknowledged entries away"},
    };
    text_clear(ret_doubt);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char value[64];
        int rc = setting(link, rows[i].name, value, sizeof value);
        if (rc < 0)
            return rc;
        if (strcmp(value, rows[i].wanted) == 0)
            continue;
        text_add(ret_doubt, "%s%s is %s: %s", ret_doubt->length > 0 ? "; " : "", rows[i].name,
                 value[0] == '\0' ? "not told" : value, rows[i].means);
    }
    return 0;
}

static int tell_durability(struct redis_link *link, struct text *why)
{
    struct text doubt;
    if (link->durability_told)
        return 0;
    int rc = redis_link_durability(link, &doubt);
    if (rc < 0) {
        text_set(why, "%s", link->context->errstr);
        return rc;
    }
    link->durability_told = true;
    if (doubt.length > 0)
        log_warn("redis_durability", "doubt=\"%s\" replicas_waited_for=%" PRIu32, doubt.bytes,
                 link->config->replicas_wait);
    return 0;
}

static int dial(struct redis_link *link, struct text *why)
{
    const struct redis_config *config = link->config;
    const struct timeval limit = timeval_of(config->timeout_ms);
    link->context = redisConnectWithTimeout(config->host, config->port, limit);
    if (link->context == NULL || link->context->err != 0) {
        text_set(why, "%s", link->context == NULL ? "no memory" : link->context->errstr);
        return ERR_NETWORK;
    }
    if (redisSetTimeout(link->context, limit) != REDIS_OK) {
        text_set(why, "%s", link->context->errstr);
        return ERR_NETWORK;
    }
    return 0;
}

int redis_link_ready(struct redis_link *link, time_ms now_ms)
{
    struct text why = {0};
    if (link->context != NULL)
        return 0;
    if (now_ms < link->not_before_ms)
        return ERR_NETWORK;
    int rc = dial(link, &why);
    rc = rc < 0 ? rc : log_in(link, &why);
    rc = rc < 0 ? rc : choose_database(link, &why);
    rc = rc < 0 ? rc : load_scripts(link, &why);
    rc = rc < 0 ? rc : tell_durability(link, &why);
    if (rc < 0)
        redis_link_fail(link, now_ms, why.bytes);
    return rc;
}
