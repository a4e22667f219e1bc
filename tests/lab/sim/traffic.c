#include "tests/lab/sim/traffic.h"

#include "common/check.h"
#include "common/errors.h"
#include "tests/lab/base/json.h"

#include <stdio.h>
#include <string.h>

enum { MS_MAX = 24 * 3600 * 1000 };

/* Made where it is not there yet; NULL where there is no room. */
static struct crowd *crowd_find(struct traffic *traffic, const char *flow, const char *media)
{
    struct crowd *crowd;

    for (size_t i = 0; i < traffic->crowd_count; i++) {
        crowd = &traffic->crowds[i];
        if (strcmp(crowd->flow, flow) == 0 && strcmp(crowd->media, media) == 0)
            return crowd;
    }
    if (traffic->crowd_count == CROWDS_MAX)
        return NULL;
    crowd = &traffic->crowds[traffic->crowd_count++];
    *crowd = (struct crowd){0};
    (void)snprintf(crowd->flow, sizeof(crowd->flow), "%s", flow);
    (void)snprintf(crowd->media, sizeof(crowd->media), "%s", media);
    return crowd;
}

static void live_end(struct traffic *traffic, time_ms now_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < traffic->live_count; i++) {
        if (traffic->live[i].ends_ms > now_ms)
            traffic->live[kept++] = traffic->live[i];
        else
            traffic->crowds[traffic->live[i].crowd].live--;
    }
    traffic->live_count = kept;
}

static void live_begin(struct traffic *traffic, struct stream *stream, const char *flow)
{
    struct crowd *crowd = flow == NULL ? NULL : crowd_find(traffic, flow, stream->media);

    if (crowd == NULL || traffic->live_count == TRAFFIC_LIVE_MAX) {
        stream->lost++;
        return;
    }
    crowd->live++;
    traffic->live[traffic->live_count++] = (struct traffic_live){
        .ends_ms = stream->next_ms + stream->lasts_ms,
        .crowd = (size_t)(crowd - traffic->crowds),
    };
}

static void stream_advance(struct traffic *traffic, struct stream *stream, time_ms now_ms,
                           traffic_route_fn *route, void *data)
{
    while (stream->every_ms > 0 && stream->next_ms <= now_ms) {
        if (traffic->live_count == TRAFFIC_LIVE_MAX)
            live_end(traffic, stream->next_ms);
        live_begin(traffic, stream,
                   route(data, stream->entrance, stream->arrived, stream->next_ms));
        stream->arrived++;
        stream->next_ms += stream->every_ms;
    }
}

void traffic_advance(struct traffic *traffic, time_ms now_ms, traffic_route_fn *route, void *data)
{
    for (size_t i = 0; i < traffic->stream_count; i++)
        stream_advance(traffic, &traffic->streams[i], now_ms, route, data);
    live_end(traffic, now_ms);
}

int64_t traffic_count(const struct crowd *crowd, time_ms now_ms)
{
    int64_t ended = crowd->end_every_ms == 0 ? 0 : (now_ms - crowd->since_ms) / crowd->end_every_ms;

    return crowd->live + (ended >= crowd->count ? 0 : crowd->count - ended);
}

static int media_read(const cJSON *object, const char **media, struct text *why)
{
    static const char *const words[] = {
        "voice", "chat", "email", "message", "callback", "internalmessage", "cobrowse"};
    size_t index = 0;

    if (json_text_read(object, "media", media, why) != 0)
        return ERR_INVALID;
    return json_word_find("media", *media, words, ARRAY_COUNT(words), &index, why);
}

static int crowd_read(struct traffic *traffic, const cJSON *object, time_ms now_ms,
                      struct text *why)
{
    static const char *const keys[] = {"flow", "media", "count", "end_every_ms"};
    struct crowd read = {0};
    struct crowd *crowd;
    const char *flow = "";
    const char *media = "voice";

    if (json_object_check(object, keys, ARRAY_COUNT(keys), why) != 0 ||
        json_text_read(object, "flow", &flow, why) != 0 || media_read(object, &media, why) != 0 ||
        json_number_read(object, "count", 0, INT32_MAX, &read.count, why) != 0 ||
        json_number_read(object, "end_every_ms", 0, MS_MAX, &read.end_every_ms, why) != 0)
        return ERR_INVALID;
    crowd = strlen(flow) < sizeof(read.flow) ? crowd_find(traffic, flow, media) : NULL;
    if (crowd == NULL) {
        text_set(why, "\"flow\" is too long, or there are too many");
        return ERR_FULL;
    }
    crowd->count = read.count;
    crowd->end_every_ms = read.end_every_ms;
    crowd->since_ms = now_ms;
    return 0;
}

static struct stream *stream_find(struct traffic *traffic, const char *entrance, const char *media)
{
    for (size_t i = 0; i < traffic->stream_count; i++) {
        if (strcmp(traffic->streams[i].entrance, entrance) == 0 &&
            strcmp(traffic->streams[i].media, media) == 0)
            return &traffic->streams[i];
    }
    return traffic->stream_count == STREAMS_MAX ? NULL : &traffic->streams[traffic->stream_count++];
}

static int stream_read(struct traffic *traffic, const cJSON *object, time_ms now_ms,
                       struct text *why)
{
    static const char *const keys[] = {"entrance", "media", "every_ms", "lasts_ms"};
    struct stream read = {.next_ms = now_ms, .every_ms = 1000, .lasts_ms = 10000};
    struct stream *stream;
    const char *entrance = "";
    const char *media = "voice";

    if (json_object_check(object, keys, ARRAY_COUNT(keys), why) != 0 ||
        json_text_read(object, "entrance", &entrance, why) != 0 ||
        media_read(object, &media, why) != 0 ||
        json_number_read(object, "every_ms", 0, MS_MAX, &read.every_ms, why) != 0 ||
        json_number_read(object, "lasts_ms", 1, MS_MAX, &read.lasts_ms, why) != 0)
        return ERR_INVALID;
    (void)snprintf(read.media, sizeof(read.media), "%s", media);
    if (text_copy(read.entrance, sizeof(read.entrance), entrance) != 0) {
        text_set(why, "\"entrance\" is too long");
        return ERR_INVALID;
    }
    stream = stream_find(traffic, entrance, media);
    if (stream == NULL) {
        text_set(why, "there are %d streams already", STREAMS_MAX);
        return ERR_FULL;
    }
    read.arrived = stream->arrived;
    read.lost = stream->lost;
    *stream = read;
    return 0;
}

int traffic_set(struct traffic *traffic, const char *json, size_t length, time_ms now_ms,
                struct text *why)
{
    cJSON *object = NULL;
    int result = json_object_parse(json, length, NULL, 0, &object, why);

    if (result == 0 && cJSON_GetObjectItemCaseSensitive(object, "flow") != NULL)
        result = crowd_read(traffic, object, now_ms, why);
    else if (result == 0)
        result = stream_read(traffic, object, now_ms, why);
    cJSON_Delete(object);
    return result;
}

cJSON *traffic_describe(const struct traffic *traffic, time_ms now_ms)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *crowds = cJSON_AddArrayToObject(body, "crowds");
    cJSON *streams = cJSON_AddArrayToObject(body, "streams");

    for (size_t i = 0; i < traffic->crowd_count; i++) {
        cJSON *item = cJSON_CreateObject();

        (void)cJSON_AddStringToObject(item, "flow", traffic->crowds[i].flow);
        (void)cJSON_AddStringToObject(item, "media", traffic->crowds[i].media);
        (void)cJSON_AddNumberToObject(item, "count",
                                      (double)traffic_count(&traffic->crowds[i], now_ms));
        (void)cJSON_AddItemToArray(crowds, item);
    }
    for (size_t i = 0; i < traffic->stream_count; i++) {
        const struct stream *stream = &traffic->streams[i];
        cJSON *item = cJSON_CreateObject();

        (void)cJSON_AddStringToObject(item, "entrance", stream->entrance);
        (void)cJSON_AddStringToObject(item, "media", stream->media);
        (void)cJSON_AddNumberToObject(item, "every_ms", (double)stream->every_ms);
        (void)cJSON_AddNumberToObject(item, "arrived", (double)stream->arrived);
        (void)cJSON_AddNumberToObject(item, "lost", (double)stream->lost);
        (void)cJSON_AddItemToArray(streams, item);
    }
    return body;
}
