/* What one flow must be by itself: there, published, new enough, tagged, left alone. */
#include <string.h>
#include <strings.h>

#include "common/check.h"
#include "common/version.h"
#include "node/io/act/json.h"
#include "node/io/preflight/check.h"
#include "node/io/preflight/words.h"

#define FLOW_VIEW "architect:flow:view"

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

/* The flow's document; NULL where there is none, with the row filled. */
static const cJSON *find_flow(const struct preflight_facts *facts, size_t at, enum side side,
                              struct preflight_row *row)
{
    const struct preflight_pair *pair = &facts->pairs[at];
    const struct preflight_page *page = &pair->page[side];
    if (row_without_flows(row, facts, pair))
        return NULL;
    if (page->asked && page->result == ROUTE_RESULT_OK && cJSON_IsObject(page->json))
        return page->json;
    if (page->asked && page->result == ROUTE_RESULT_NOT_FOUND)
        row_say(row, PREFLIGHT_SKIP, "there is no such flow");
    else
        row_unanswered(row, page, FLOW_VIEW);
    return NULL;
}

static void judge_exists(const struct preflight_facts *facts, size_t at, enum side side,
                         struct preflight_row *row)
{
    const struct preflight_page *page = &facts->pairs[at].page[side];
    const cJSON *flow = find_flow(facts, at, side, row);
    if (flow == NULL && page->asked && page->result == ROUTE_RESULT_NOT_FOUND) {
        row_say(row, PREFLIGHT_FAIL, "the platform has no such flow");
        text_set(&row->todo, "correct services.%s.%s.id, or make the flow (clone the other one)",
                 facts->service->name.text, side_name(side));
    } else if (flow != NULL && cJSON_IsTrue(member(flow, "deleted"))) {
        row_say(row, PREFLIGHT_FAIL, "the flow is deleted, though it can still be read");
        text_set(&row->todo,
                 "restore the flow in Architect, or configure the one that replaced it");
    } else if (flow != NULL) {
        const char *name = json_get_string(flow, "name");
        const char *type = json_get_string(flow, "type");
        row_say(row, PREFLIGHT_PASS, "%s", "");
        words_add(&row->found, type != NULL ? type : "a flow");
        text_add(&row->found, " ");
        words_add(&row->found, name != NULL ? name : "without a name");
    }
}

static const char *published_id(const cJSON *flow)
{
    return json_get_string(member(flow, "publishedVersion"), "id");
}

static void judge_published(const struct preflight_facts *facts, size_t at, enum side side,
                            struct preflight_row *row)
{
    const cJSON *flow = find_flow(facts, at, side, row);
    if (flow == NULL)
        return;
    const char *version = published_id(flow);
    if (version == NULL) {
        row_say(row, PREFLIGHT_FAIL, "it has no published version: it would answer nobody");
        text_set(&row->todo, "publish the flow in Architect");
    } else if (cJSON_IsFalse(member(flow, "active"))) {
        row_say(row, PREFLIGHT_FAIL, "it is not active");
        text_set(&row->todo, "activate the flow in Architect");
    } else {
        row_say(row, PREFLIGHT_PASS, "version ");
        words_add(&row->found, version);
    }
}

static void compare_versions(const char *published, const char *least, struct preflight_row *row)
{
    struct version version;
    struct version baseline;
    if (version_parse(least, &baseline) != 0 || version_parse(published, &version) != 0) {
        row_say(row, PREFLIGHT_WARN, "its version cannot be compared with %s: ", least);
        words_add(&row->found, published);
    } else if (version_compare(&version, &baseline) < 0) {
        row_say(row, PREFLIGHT_FAIL, "version %s is below the baseline %s", published, least);
        text_set(&row->todo, "publish the flow at %s or above, or lower min_version", least);
    } else {
        row_say(row, PREFLIGHT_PASS, "version %s, the baseline is %s", published, least);
    }
}

static void judge_version(const struct preflight_facts *facts, size_t at, enum side side,
                          struct preflight_row *row)
{
    const char *least = facts->service->side[side].min_version;
    if (least[0] == '\0') {
        row_say(row, PREFLIGHT_SKIP, "no %s.min_version is configured", side_name(side));
        return;
    }
    const cJSON *flow = find_flow(facts, at, side, row);
    if (flow == NULL)
        return;
    if (published_id(flow) == NULL)
        row_say(row, PREFLIGHT_SKIP, "it has no published version");
    else
        compare_versions(published_id(flow), least, row);
}

void judge_primary_exists(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    judge_exists(facts, at, SIDE_PRIMARY, row);
}

void judge_standby_exists(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    judge_exists(facts, at, SIDE_STANDBY, row);
}

void judge_primary_published(const struct preflight_facts *facts, size_t at,
                             struct preflight_row *row)
{
    judge_published(facts, at, SIDE_PRIMARY, row);
}

void judge_standby_published(const struct preflight_facts *facts, size_t at,
                             struct preflight_row *row)
{
    judge_published(facts, at, SIDE_STANDBY, row);
}

void judge_primary_version(const struct preflight_facts *facts, size_t at,
                           struct preflight_row *row)
{
    judge_version(facts, at, SIDE_PRIMARY, row);
}

void judge_standby_version(const struct preflight_facts *facts, size_t at,
                           struct preflight_row *row)
{
    judge_version(facts, at, SIDE_STANDBY, row);
}

/* Tags with and without a space behind the colon are one: "env: standby". */
static bool contains_tag(const char *words, const char *tag)
{
    for (; words != NULL && *words != '\0'; words++) {
        const char *left = words;
        const char *right = tag;
        while (*right != '\0') {
            while (*left == ' ')
                left++;
            while (*right == ' ')
                right++;
            if (*right == '\0' || strncasecmp(left, right, 1) != 0)
                break;
            left++;
            right++;
        }
        if (*right == '\0')
            return true;
    }
    return false;
}

/* Flows have no tags on the platform: the name or the description carries them. */
void judge_standby_tag(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    const char *tag = facts->service->side[SIDE_STANDBY].tag;
    const cJSON *flow = find_flow(facts, at, SIDE_STANDBY, row);
    if (flow == NULL)
        return;
    if (tag[0] == '\0') {
        row_say(row, PREFLIGHT_FAIL, "no tag is configured");
        text_set(&row->todo, "write services.%s.standby.tag, e.g. env:standby",
                 facts->service->name.text);
    } else if (contains_tag(json_get_string(flow, "description"), tag) ||
               contains_tag(json_get_string(flow, "name"), tag)) {
        row_say(row, PREFLIGHT_PASS, "%s, configured and on the flow", tag);
    } else {
        row_say(row, PREFLIGHT_WARN, "neither its description nor its name has %s", tag);
        text_set(&row->todo,
                 "write %s into the flow's description, so that its traffic and logs "
                 "can be told apart",
                 tag);
    }
}

static bool is_under_way(const char *status)
{
    return status != NULL && (strcasecmp(status, "STARTED") == 0 ||
                              strncasecmp(status, "PENDING", strlen("PENDING")) == 0);
}

void judge_standby_quiet(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    const cJSON *flow = find_flow(facts, at, SIDE_STANDBY, row);
    if (flow == NULL)
        return;
    const char *status = json_get_string(member(flow, "currentOperation"), "actionStatus");
    const cJSON *holder = member(flow, "lockedUser");
    if (!cJSON_IsObject(holder))
        holder = member(flow, "lockedClient");
    if (is_under_way(status)) {
        row_say(row, PREFLIGHT_WARN, "an operation on it is under way: ");
        words_add(&row->found, status);
        text_set(&row->todo, "run the preflight again once it ended");
    } else if (cJSON_IsObject(holder)) {
        const char *name = json_get_string(holder, "name");
        row_say(row, PREFLIGHT_WARN, "it is locked by ");
        words_add(&row->found, name != NULL ? name : "somebody");
        text_set(&row->todo, "an edit is open: what is published counts until it is published");
    } else {
        row_say(row, PREFLIGHT_PASS, "nobody edits it");
    }
}
