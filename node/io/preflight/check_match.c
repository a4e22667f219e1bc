/* What the two flows must have in common, so that who is sent to the other one is served. */
#include <string.h>
#include <strings.h>

#include "common/check.h"
#include "node/io/act/json.h"
#include "node/io/preflight/check.h"
#include "node/io/preflight/words.h"

struct flows {
    const cJSON *primary;
    const cJSON *standby;
};

/* Both documents; false where one is missing, with the row filled. */
static bool find_flows(const struct preflight_facts *facts, size_t at, struct flows *ret_flows,
                       struct preflight_row *row)
{
    const struct preflight_pair *pair = &facts->pairs[at];
    if (row_without_flows(row, facts, pair))
        return false;
    *ret_flows = (struct flows){.primary = pair->page[SIDE_PRIMARY].json,
                                .standby = pair->page[SIDE_STANDBY].json};
    if (cJSON_IsObject(ret_flows->primary) && cJSON_IsObject(ret_flows->standby))
        return true;
    row_say(row, PREFLIGHT_SKIP, "not both flows could be read");
    return false;
}

void judge_same_type(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    struct flows flows;
    if (!find_flows(facts, at, &flows, row))
        return;
    const char *primary = json_get_string(flows.primary, "type");
    const char *standby = json_get_string(flows.standby, "type");
    if (primary == NULL || standby == NULL) {
        row_say(row, PREFLIGHT_WARN, "the platform tells no type");
    } else if (strcasecmp(primary, standby) == 0) {
        row_say(row, PREFLIGHT_PASS, "both are ");
        words_add(&row->found, primary);
    } else {
        row_say(row, PREFLIGHT_FAIL, "the primary is ");
        words_add(&row->found, primary);
        text_add(&row->found, ", the standby ");
        words_add(&row->found, standby);
        text_set(&row->todo, "a route takes flows of one type: make the standby from a clone of "
                             "the primary");
    }
}

void judge_same_division(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    struct flows flows;
    if (!find_flows(facts, at, &flows, row))
        return;
    const cJSON *primary = cJSON_GetObjectItemCaseSensitive(flows.primary, "division");
    const cJSON *standby = cJSON_GetObjectItemCaseSensitive(flows.standby, "division");
    const char *one = json_get_string(primary, "id");
    const char *other = json_get_string(standby, "id");
    if (one == NULL || other == NULL) {
        row_say(row, PREFLIGHT_SKIP, "the platform tells no division");
    } else if (strcmp(one, other) == 0) {
        row_say(row, PREFLIGHT_PASS, "one division");
    } else {
        const char *name = json_get_string(standby, "name");
        row_say(row, PREFLIGHT_WARN, "the standby is in another division: ");
        words_add(&row->found, name != NULL ? name : other);
        text_set(&row->todo, "see that the OAuth client's roles, and those who run the flows, "
                             "have that division, too");
    }
}

static bool speaks(const cJSON *flow, const char *language)
{
    const cJSON *spoken = NULL;
    cJSON_ArrayForEach(spoken, cJSON_GetObjectItemCaseSensitive(flow, "supportedLanguages"))
    {
        const char *own = json_get_string(spoken, "language");
        if (own != NULL && strcasecmp(own, language) == 0)
            return true;
    }
    return false;
}

static size_t list_unspoken(const struct flows *flows, struct text *ret_missing)
{
    const cJSON *spoken = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(spoken,
                       cJSON_GetObjectItemCaseSensitive(flows->primary, "supportedLanguages"))
    {
        const char *language = json_get_string(spoken, "language");
        if (language == NULL)
            continue;
        count++;
        if (speaks(flows->standby, language))
            continue;
        text_add(ret_missing, "%s", ret_missing->length > 0 ? ", " : "");
        words_add(ret_missing, language);
    }
    return count;
}

void judge_languages(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    struct flows flows;
    struct text missing = {.length = 0};
    if (!find_flows(facts, at, &flows, row))
        return;
    size_t count = list_unspoken(&flows, &missing);
    if (count == 0) {
        row_say(row, PREFLIGHT_SKIP, "the primary tells no languages");
    } else if (missing.length == 0) {
        row_say(row, PREFLIGHT_PASS, "all %zu of the primary", count);
    } else {
        row_say(row, PREFLIGHT_FAIL, "the standby does not speak %s", missing.bytes);
        text_set(&row->todo, "add %s to the standby in Architect and publish it", missing.bytes);
    }
}

static bool is_listed(const cJSON *list, const char *word)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list)
    {
        const char *own = cJSON_GetStringValue(item);
        if (own != NULL && strcmp(own, word) == 0)
            return true;
    }
    return false;
}

static bool has_same_type(const cJSON *own, const cJSON *other)
{
    const char *type = json_get_string(own, "type");
    const char *other_type = json_get_string(other, "type");
    return type == NULL || other_type == NULL || strcmp(type, other_type) == 0;
}

static void add_name(struct text *names, const char *name, const char *remark)
{
    text_add(names, "%s", names->length > 0 ? ", " : "");
    words_add(names, name);
    text_add(names, "%s", remark);
}

/* JSON schemas of objects: each of the primary's members must be there with the same type. */
static size_t list_lost(const cJSON *primary, const cJSON *standby, struct text *ret_names)
{
    const cJSON *others = cJSON_GetObjectItemCaseSensitive(standby, "properties");
    const cJSON *property = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(property, cJSON_GetObjectItemCaseSensitive(primary, "properties"))
    {
        const cJSON *other = cJSON_GetObjectItemCaseSensitive(others, property->string);
        count++;
        if (other == NULL)
            add_name(ret_names, property->string, " (missing)");
        else if (!has_same_type(property, other))
            add_name(ret_names, property->string, " (of another type)");
    }
    return count;
}

/* What the standby demands, whoever calls the primary does not know of. */
static void list_demanded(const cJSON *primary, const cJSON *standby, struct text *ret_names)
{
    const cJSON *demanded = NULL;
    cJSON_ArrayForEach(demanded, cJSON_GetObjectItemCaseSensitive(standby, "required"))
    {
        const char *name = cJSON_GetStringValue(demanded);
        if (name != NULL && !is_listed(cJSON_GetObjectItemCaseSensitive(primary, "required"), name))
            add_name(ret_names, name, " (demanded by the standby alone)");
    }
}

static void judge_schema(const struct preflight_facts *facts, size_t at, const char *key,
                         struct preflight_row *row)
{
    struct flows flows;
    struct text names = {.length = 0};
    if (!find_flows(facts, at, &flows, row))
        return;
    const cJSON *primary = cJSON_GetObjectItemCaseSensitive(flows.primary, key);
    const cJSON *standby = cJSON_GetObjectItemCaseSensitive(flows.standby, key);
    size_t count = list_lost(primary, standby, &names);
    if (strcmp(key, "inputSchema") == 0)
        list_demanded(primary, standby, &names);
    if (names.length > 0) {
        row_say(row, PREFLIGHT_FAIL, "they differ: %s", names.bytes);
        text_set(&row->todo, "give the standby the same variables in Architect and publish it");
    } else if (count == 0) {
        row_say(row, PREFLIGHT_PASS, "the primary has none");
    } else {
        row_say(row, PREFLIGHT_PASS, "all %zu of the primary", count);
    }
}

void judge_inputs(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    judge_schema(facts, at, "inputSchema", row);
}

void judge_outputs(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    judge_schema(facts, at, "outputSchema", row);
}
