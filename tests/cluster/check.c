#include "tests/cluster/check.h"

#include "common/text.h"
#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum {
    EVENTS_A_PAGE = 1000,
    PATIENCE_MS = 4000, /* for the histories' own threads, and for followers */
    ARRIVAL_MS = 1000,  /* from the start of a request to its arrival, at the most */
};

/* Everything that the judgement is about. */
struct trial {
    const struct cluster *cluster;
    cJSON *journal;
    cJSON *events[CLUSTER_NODE_COUNT_MAX]; /* NULL: the node does not answer */
    bool complete;                         /* nobody's words can be missing */
    struct text breach;                    /* the first one */
};

__attribute__((format(printf, 2, 3))) static void breach(struct trial *trial, const char *format,
                                                         ...)
{
    char words[TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    if (trial->breach.length == 0)
        text_set(&trial->breach, "%s", words);
}

/* All of a node's events, oldest first; NULL without an answer. */
static cJSON *read_events(const struct cluster *cluster, size_t place)
{
    cJSON *all = NULL;
    double after = 0;
    int count = EVENTS_A_PAGE;
    while (node_is_running(cluster, place) && count == EVENTS_A_PAGE) {
        struct client_reply reply = {0};
        char path[64];
        (void)snprintf(path, sizeof path, "/v1/history?after=%.0f&limit=%d", after, EVENTS_A_PAGE);
        ask_send(cluster, place, "GET", path, ASK_READ, NULL, &reply);
        cJSON *page = reply.status == 200 ? cJSON_Parse(reply.body) : NULL;
        cJSON *events = cJSON_GetObjectItemCaseSensitive(page, "events");
        client_reply_free(&reply);
        count = cJSON_GetArraySize(events);
        if (events != NULL && all == NULL)
            all = cJSON_CreateArray();
        while (cJSON_GetArraySize(events) > 0) {
            cJSON *event = cJSON_DetachItemFromArray(events, 0);
            after = client_number(event, "id");
            cJSON_AddItemToArray(all, event);
        }
        cJSON_Delete(page);
    }
    return all;
}

static void trial_read(struct trial *trial, const struct cluster *cluster)
{
    *trial = (struct trial){.cluster = cluster, .complete = true};
    trial->journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    for (size_t i = 0; i < cluster->node_count; i++) {
        trial->events[i] = read_events(cluster, i);
        if (trial->events[i] == NULL || cluster->nodes[i].was_killed)
            trial->complete = false;
    }
}

static void trial_forget(struct trial *trial)
{
    cJSON_Delete(trial->journal);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT_MAX; i++)
        cJSON_Delete(trial->events[i]);
}

/* The newest event of the kind whose data has the number or text; NULL where there is none. */
static const cJSON *find(const cJSON *events, const char *kind, const char *key, double number,
                         const char *word)
{
    const cJSON *found = NULL;
    const cJSON *event;
    cJSON_ArrayForEach(event, events)
    {
        const cJSON *data = cJSON_GetObjectItemCaseSensitive(event, "data");
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(data, key);
        if (strcmp(client_text(event, "kind"), kind) != 0)
            continue;
        if (word != NULL ? cJSON_IsString(item) && strcmp(item->valuestring, word) == 0
                         : cJSON_IsNumber(item) && item->valuedouble == number)
            found = data;
    }
    return found;
}

/* Contexts are written through to these; they are nobody's route. */
static bool is_copy_of_context(const cJSON *line)
{
    static const char *const paths[] = {"/api/v2/conversations/", "/api/v2/externalcontacts/"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (strncmp(client_text(line, "path"), paths[i], strlen(paths[i])) == 0)
            return true;
    return false;
}

/* Of a node; not of a human that broke the glass. */
static bool is_write(const cJSON *line)
{
    const char *method = client_text(line, "method");
    return (strcmp(method, "PATCH") == 0 || strcmp(method, "PUT") == 0) &&
           !is_copy_of_context(line) && strstr(client_text(line, "key"), "/break-glass.") == NULL;
}

/* Effective: it took a version, whoever wrote it. */
/* A human's edit of something without a version, a flow for instance, is no route's. */
static bool has_version(const cJSON *line)
{
    return cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(line, "version_after"));
}

static bool is_effective(const cJSON *line)
{
    return client_truth(line, "applied") &&
           (is_write(line) ||
            (strcmp(client_text(line, "method"), "HUMAN") == 0 && has_version(line)));
}

/* A unit's requests have the key that was asked for, and the name of the route behind it. */
static const char *asked_key(const char *key, char buffer[TEXT_BYTES])
{
    const char *attempt = strchr(key, '/');
    const char *name = attempt != NULL ? strchr(attempt + 1, '/') : NULL;
    (void)snprintf(buffer, TEXT_BYTES, "%.*s", name != NULL ? (int)(name - key) : INT_MAX, key);
    return buffer;
}

static void judge_leader(struct trial *trial, const cJSON *line)
{
    char buffer[TEXT_BYTES];
    const char *key = asked_key(client_text(line, "key"), buffer);
    double term = client_number(line, "term");
    double arrived_ms = client_number(line, "mono_ms");
    int leaders = 0;
    for (size_t i = 0; i < trial->cluster->node_count; i++) {
        if (find(trial->events[i], "leading", "term", term, NULL) == NULL)
            continue;
        const cJSON *asked = find(trial->events[i], "write-asked", "key", 0, key);
        leaders++;
        if (asked == NULL && !trial->cluster->nodes[i].was_killed)
            breach(trial, "%s led in term %.0f, whose %s it did not ask for",
                   trial->cluster->nodes[i].name, term, key);
        else if (asked != NULL && client_number(asked, "term") == term &&
                 arrived_ms > client_number(asked, "lease_until_ms") + ARRIVAL_MS)
            breach(trial, "%s arrived %.0f ms after its lease", key,
                   arrived_ms - client_number(asked, "lease_until_ms"));
    }
    if (leaders > 1 || (leaders == 0 && trial->complete))
        breach(trial, "%d nodes led in term %.0f, which %s came from", leaders, term, key);
}

/* One key is one body, and takes effect once. */
static void judge_pair(struct trial *trial, const cJSON *line, const cJSON *other)
{
    const char *key = client_text(line, "key");
    if (!is_write(other) || strcmp(client_text(other, "key"), key) != 0)
        return;
    if (strcmp(client_text(other, "body_hash"), client_text(line, "body_hash")) != 0)
        breach(trial, "%s has two bodies", key);
    if (client_truth(line, "applied") && client_truth(other, "applied"))
        breach(trial, "%s was effective twice", key);
}

static void judge_keys(struct trial *trial)
{
    const cJSON *line;
    cJSON_ArrayForEach(line, trial->journal)
    {
        if (!is_write(line))
            continue;
        judge_leader(trial, line);
        for (const cJSON *other = line->next; other != NULL; other = other->next)
            judge_pair(trial, line, other);
    }
}

/* A leader that was cut off proves by this that it wrote nothing afterwards. */
static void judge_starts(struct trial *trial, size_t place)
{
    const cJSON *event;
    cJSON_ArrayForEach(event, trial->events[place])
    {
        const cJSON *data = cJSON_GetObjectItemCaseSensitive(event, "data");
        if (strcmp(client_text(event, "kind"), "write-ended") != 0)
            continue;
        double started_ms = client_number(data, "started_ms");
        const cJSON *down =
            find(trial->events[place], "not-leading", "term", client_number(data, "term"), NULL);
        if (started_ms > 0 && started_ms >= client_number(data, "lease_until_ms"))
            breach(trial, "%s started %s when its lease was over",
                   trial->cluster->nodes[place].name, client_text(data, "key"));
        if (started_ms > 0 && down != NULL && started_ms > client_number(down, "at_ms"))
            breach(trial, "%s started %s after it had stepped down",
                   trial->cluster->nodes[place].name, client_text(data, "key"));
    }
}

static const cJSON *find_effective(const struct trial *trial, double version)
{
    const cJSON *line;
    cJSON_ArrayForEach(line, trial->journal)
    {
        if (is_effective(line) && client_number(line, "version_after") == version)
            return line;
    }
    return NULL;
}

/* What a node's ledger went through was effective, in the API's order. */
static void judge_ledger(struct trial *trial, size_t place)
{
    double before = 0;
    const cJSON *event;
    cJSON_ArrayForEach(event, trial->events[place])
    {
        const cJSON *data = cJSON_GetObjectItemCaseSensitive(event, "data");
        if (strcmp(client_text(event, "kind"), "route") != 0)
            continue;
        double version = client_number(data, "version");
        const cJSON *line = find_effective(trial, version);
        const char *name = trial->cluster->nodes[place].name;
        if (version < before)
            breach(trial, "%s's ledger went from version %.0f to %.0f", name, before, version);
        if (version > 1 && line == NULL)
            breach(trial, "%s's ledger knows version %.0f, which was never made", name, version);
        else if (line != NULL &&
                 strcmp(client_text(data, "state"), client_text(line, "state_after")) != 0)
            breach(trial, "version %.0f is %s, and %s in %s's ledger", version,
                   client_text(line, "state_after"), client_text(data, "state"), name);
        before = version;
    }
}

/* What the cluster made effective stands in the ledger, unless somebody else wrote next. */
static void judge_journal(struct trial *trial)
{
    const cJSON *line;
    cJSON_ArrayForEach(line, trial->journal)
    {
        const cJSON *next = line->next;
        bool known = false;
        while (next != NULL && !is_effective(next))
            next = next->next;
        if (!is_effective(line) || !is_write(line) || (next != NULL && !is_write(next)))
            continue;
        for (size_t i = 0; i < trial->cluster->node_count; i++)
            known = known || find(trial->events[i], "route", "version",
                                  client_number(line, "version_after"), NULL) != NULL;
        if (!known)
            breach(trial, "%s was effective and no ledger knows it", client_text(line, "key"));
    }
}

static void judge(struct trial *trial)
{
    const char *option = trial->cluster->settings.sim_option;
    /* a unit's version is none of its plans' */
    bool versioned = trial->cluster->settings.route == NULL &&
                     (option == NULL || strcmp(option, "--versioned=no") != 0);
    judge_keys(trial);
    for (size_t i = 0; i < trial->cluster->node_count; i++) {
        judge_starts(trial, i);
        if (versioned)
            judge_ledger(trial, i);
    }
    if (versioned)
        judge_journal(trial);
}

void check_histories(const struct cluster *cluster)
{
    time_ms until_ms = clock_boot_ms() + PATIENCE_MS;
    struct text found;
    do {
        struct trial trial;
        trial_read(&trial, cluster);
        judge(&trial);
        found = trial.breach;
        trial_forget(&trial);
        if (found.length > 0)
            (void)poll(NULL, 0, 100);
    } while (found.length > 0 && clock_boot_ms() < until_ms);
    if (found.length > 0)
        fail_msg("%s", found.bytes);
}

int check_event_count(const struct cluster *cluster, size_t place, const char *kind)
{
    cJSON *events = read_events(cluster, place);
    const cJSON *event;
    int count = 0;
    cJSON_ArrayForEach(event, events) count += strcmp(client_text(event, "kind"), kind) == 0;
    cJSON_Delete(events);
    return count;
}

cJSON *check_event(const struct cluster *cluster, size_t place, const char *kind, const char *key,
                   double value)
{
    cJSON *events = read_events(cluster, place);
    const cJSON *found = find(events, kind, key, value, NULL);
    cJSON *copy = found != NULL ? cJSON_Duplicate(found, true) : NULL;
    cJSON_Delete(events);
    return copy;
}
