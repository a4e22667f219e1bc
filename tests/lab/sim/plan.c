#include "tests/lab/sim/plan.h"

#include "common/errors.h"
#include "tests/lab/base/json.h"
#include "tests/lab/sim/side.h"

#include <math.h>
#include <stdio.h>

static cJSON *entry_new(int priority, bool active, const char *flow)
{
    cJSON *entry = cJSON_CreateObject();
    cJSON *destination;

    (void)cJSON_AddNumberToObject(entry, "priority", priority);
    if (!active)
        (void)cJSON_AddBoolToObject(entry, "active", false);
    destination = cJSON_AddObjectToObject(entry, "destination");
    (void)cJSON_AddStringToObject(destination, "type", "Flow");
    (void)cJSON_AddStringToObject(destination, "id", flow);
    (void)cJSON_AddArrayToObject(entry, "conditions");
    return entry;
}

int plan_init(struct plan *plan, const char *id, bool versioned)
{
    cJSON *entries;

    *plan = (struct plan){.versioned = versioned, .version = 1};
    (void)snprintf(plan->id, sizeof(plan->id), "%s", id);
    (void)snprintf(plan->name, sizeof(plan->name), "routing-plan/%s", plan->id);
    plan->document = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(plan->document, "id", id);
    (void)cJSON_AddStringToObject(plan->document, "name", "Customer Support Inbound");
    (void)cJSON_AddStringToObject(plan->document, "routingType", "SIP");
    if (versioned)
        (void)cJSON_AddNumberToObject(plan->document, "version", 1);
    entries = cJSON_AddArrayToObject(plan->document, "entries");
    if (entries == NULL)
        return ERR_NO_MEMORY;
    (void)cJSON_AddItemToArray(entries, entry_new(50, true, SIDE_PRIMARY_FLOW));
    (void)cJSON_AddItemToArray(entries, entry_new(60, false, SIDE_STANDBY_FLOW));
    return 0;
}

void plan_fini(struct plan *plan)
{
    cJSON_Delete(plan->document);
    cJSON_Delete(plan->seen);
    plan->document = NULL;
    plan->seen = NULL;
}

static const char *flow_id(const cJSON *entry)
{
    const cJSON *destination = cJSON_GetObjectItemCaseSensitive(entry, "destination");

    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(destination, "id"));
}

static double entry_priority(const cJSON *entry)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(entry, "priority"));
}

const char *plan_flow(const struct plan *plan)
{
    const cJSON *entries = cJSON_GetObjectItemCaseSensitive(plan->document, "entries");
    const cJSON *entry = NULL;
    const cJSON *effective = NULL;

    cJSON_ArrayForEach(entry, entries)
    {
        if (cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(entry, "active")))
            continue;
        if (effective == NULL || entry_priority(entry) < entry_priority(effective))
            effective = entry;
    }
    return effective == NULL ? NULL : flow_id(effective);
}

const char *plan_state(const struct plan *plan)
{
    const char *flow = plan_flow(plan);

    return flow == NULL ? "paused" : side_state(flow);
}

const cJSON *plan_read(const struct plan *plan, time_ms now_ms)
{
    return plan->seen != NULL && now_ms < plan->seen_until_ms ? plan->seen : plan->document;
}

static int entry_check(const cJSON *entry, int index, struct text *why)
{
    const cJSON *active = cJSON_GetObjectItemCaseSensitive(entry, "active");
    double priority = entry_priority(entry);

    if (!cJSON_IsObject(entry) || isnan(priority)) {
        text_set(why, "entries[%d].priority must be a number", index);
        return ERR_INVALID;
    }
    if (active != NULL && !cJSON_IsBool(active)) {
        text_set(why, "entries[%d].active must be true or false", index);
        return ERR_INVALID;
    }
    if (flow_id(entry) == NULL) {
        text_set(why, "entries[%d].destination.id must be a string", index);
        return ERR_INVALID;
    }
    return 0;
}

static int change_check(const cJSON *change, struct text *why)
{
    const cJSON *entries = cJSON_GetObjectItemCaseSensitive(change, "entries");
    const cJSON *entry = NULL;
    const char *unused = NULL;
    int index = 0;

    if (json_text_read(change, "name", &unused, why) != 0 ||
        json_text_read(change, "routingType", &unused, why) != 0)
        return ERR_INVALID;
    if (entries != NULL && !cJSON_IsArray(entries)) {
        text_set(why, "entries must be an array");
        return ERR_INVALID;
    }
    cJSON_ArrayForEach(entry, entries)
    {
        if (entry_check(entry, index++, why) != 0)
            return ERR_INVALID;
    }
    return 0;
}

/* The document with the change in it, or NULL without memory. */
static cJSON *document_changed(const struct plan *plan, const cJSON *change)
{
    static const char *const fields[] = {"name", "routingType", "entries"};
    cJSON *document = cJSON_Duplicate(plan->document, true);

    for (size_t i = 0; document != NULL && i < sizeof(fields) / sizeof(fields[0]); i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(change, fields[i]);
        cJSON *copy = value == NULL ? NULL : cJSON_Duplicate(value, true);

        if (copy != NULL)
            (void)cJSON_ReplaceItemInObjectCaseSensitive(document, fields[i], copy);
    }
    if (document != NULL && plan->versioned)
        (void)cJSON_SetNumberValue(cJSON_GetObjectItemCaseSensitive(document, "version"),
                                   (double)(plan->version + 1));
    return document;
}

int plan_change(struct plan *plan, const cJSON *change, time_ms now_ms, time_ms propagation_ms,
                int64_t *ret_sent, struct text *why)
{
    int64_t sent = -1;
    cJSON *document;

    if (json_number_read(change, "version", 0, INT32_MAX, &sent, why) != 0)
        return ERR_INVALID;
    *ret_sent = sent;
    if (change_check(change, why) != 0)
        return ERR_INVALID;
    if (plan->versioned && sent >= 0 && sent != plan->version)
        return ERR_CONFLICT;
    document = document_changed(plan, change);
    if (document == NULL)
        return ERR_NO_MEMORY;
    if (plan_read(plan, now_ms) == plan->document) {
        cJSON_Delete(plan->seen);
        plan->seen = plan->document;
    } else {
        cJSON_Delete(plan->document);
    }
    plan->document = document;
    plan->seen_until_ms = now_ms + propagation_ms;
    plan->version++;
    return 0;
}
