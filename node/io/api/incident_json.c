#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "node/io/api/error_json.h"
#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"

struct incident_reading {
    cJSON *incident;
    uint8_t *certificate;
    size_t certificate_length;
    bool out_of_memory;
};

int page_number(const char *word, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t length = strspn(word, "0123456789");
    if (length == 0 || length > 18 || word[length] != '\0')
        return ERR_INVALID;
    for (size_t i = 0; i < length; i++)
        number = number * 10 + (uint64_t)(word[i] - '0');
    *ret_number = number;
    return 0;
}

static cJSON *incident_json(const struct history_incident *incident)
{
    cJSON *row = cJSON_CreateObject();
    char url[64];
    json_add_count(row, "id", incident->id);
    json_add_string(row, "service", incident->service);
    json_add_signed(row, "opened_wall_ms", incident->opened_wall_ms);
    if (incident->closed_wall_ms != 0)
        json_add_signed(row, "closed_wall_ms", incident->closed_wall_ms);
    else
        json_add_string(row, "closed_wall_ms", NULL);
    json_add_count(row, "index", incident->index);
    json_add_string(row, "verdict", incident->verdict);
    json_add_string(row, "severity", incident->severity);
    json_add_string(row, "from", incident->from);
    json_add_string(row, "to", incident->to);
    json_add_string(row, "outcome", incident->outcome);
    cJSON *steps = cJSON_Parse(incident->steps);
    cJSON_AddItemToObject(row, "steps", steps != NULL ? steps : cJSON_CreateArray());
    snprintf(url, sizeof url, "/v1/incidents/%" PRIu64 "/certificate", incident->id);
    json_add_string(row, "certificate", incident->certificate_length > 0 ? url : NULL);
    json_add_count(row, "certificate_bytes", incident->certificate_length);
    return row;
}

static void refuse_reading(struct request *request, int result)
{
    if (result == ERR_NOT_FOUND)
        answer_error(request, MHD_HTTP_NOT_FOUND, "not-found", "no incident has the id %s",
                     request->argument);
    else
        answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "history",
                     "this node's history cannot be read: %s", error_name(result));
}

bool page_has_history(struct request *request, const struct node_view *view)
{
    if (view->history == NULL)
        answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "history",
                     "this node keeps no history: its database did not open");
    return view->history != NULL;
}

static void on_listed(const struct history_incident *incident, void *data)
{
    cJSON_AddItemToArray(data, incident_json(incident));
}

void page_incidents(struct request *request, const struct node_view *view)
{
    const char *word = page_query(request, "limit");
    uint64_t limit = API_INCIDENT_COUNT_DEFAULT;
    if (word != NULL &&
        (page_number(word, &limit) != 0 || limit == 0 || limit > API_INCIDENT_COUNT_MAX)) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "bad-request",
                     "limit: a number from 1 to %d is wanted", API_INCIDENT_COUNT_MAX);
        return;
    }
    if (!page_has_history(request, view))
        return;
    cJSON *page = cJSON_CreateObject();
    json_add_freshness(page, view);
    cJSON *incidents = cJSON_AddArrayToObject(page, "incidents");
    int result = history_list_incidents(view->history, (size_t)limit, on_listed, incidents);
    if (result != 0)
        refuse_reading(request, result);
    answer_json(request, MHD_HTTP_OK, page);
}

static void on_found(const struct history_incident *incident, void *data)
{
    struct incident_reading *reading = data;
    reading->incident = incident_json(incident);
    if (incident->certificate_length == 0)
        return;
    reading->certificate = malloc(incident->certificate_length);
    reading->out_of_memory = reading->certificate == NULL;
    if (reading->out_of_memory)
        return;
    memcpy(reading->certificate, incident->certificate, incident->certificate_length);
    reading->certificate_length = incident->certificate_length;
}

/* Returns 0, or an error with the answer set. */
static int read_incident(struct request *request, const struct node_view *view,
                         struct incident_reading *ret_reading)
{
    uint64_t id = 0;
    if (page_number(request->argument, &id) != 0) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "bad-request",
                     "%s: an incident's id is a whole number", request->argument);
        return ERR_INVALID;
    }
    if (!page_has_history(request, view))
        return ERR_STATE;
    int result = history_get_incident(view->history, id, on_found, ret_reading);
    if (result == 0 && ret_reading->out_of_memory)
        result = ERR_NO_MEMORY;
    if (result != 0)
        refuse_reading(request, result);
    return result;
}

void page_incident(struct request *request, const struct node_view *view)
{
    struct incident_reading reading = {.incident = NULL};
    if (read_incident(request, view, &reading) == 0) {
        cJSON *page = cJSON_CreateObject();
        json_add_freshness(page, view);
        cJSON_AddItemToObject(page, "incident", reading.incident);
        reading.incident = NULL;
        answer_json(request, MHD_HTTP_OK, page);
    }
    cJSON_Delete(reading.incident);
    free(reading.certificate);
}

void page_certificate(struct request *request, const struct node_view *view)
{
    struct incident_reading reading = {.incident = NULL};
    int result = read_incident(request, view, &reading);
    cJSON_Delete(reading.incident);
    if (result == 0 && reading.certificate == NULL) {
        answer_error(request, MHD_HTTP_NOT_FOUND, "not-found", "incident %s has no certificate",
                     request->argument);
    } else if (result == 0) {
        request->answer.status = MHD_HTTP_OK;
        request->answer.bytes = reading.certificate;
        request->answer.byte_count = reading.certificate_length;
        return;
    }
    free(reading.certificate);
}
