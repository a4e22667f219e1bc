#include "tests/lab/chaos/pair.h"

#include "common/errors.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 512 };

static void on_link_gone(struct link *link, void *data)
{
    struct pair *pair = data;

    if (link->previous != NULL)
        link->previous->next = link->next;
    else
        pair->links = link->next;
    if (link->next != NULL)
        link->next->previous = link->previous;
    pair->link_count--;
}

static void link_add(struct pair *pair, struct link *link)
{
    link->next = pair->links;
    if (link->next != NULL)
        link->next->previous = link;
    pair->links = link;
    pair->link_count++;
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct pair *pair = listener->data;
    struct link_rules rules = {.up = &pair->up, .down = &pair->down};
    struct link *link = NULL;

    if (status != 0 || link_new(listener, &rules, on_link_gone, pair, &link) != 0)
        return;
    link_add(pair, link);
    pair->accepted_count++;
    if (pair->setting.refuse || pair->link_count > PAIR_LINKS_MAX) {
        pair->refused_count++;
        link_close(link, true);
        return;
    }
    link_start(link, &pair->target);
}

static void rules_init(struct pair *pair, struct lane_rules *rules, enum cut cut)
{
    *rules = (struct lane_rules){
        .setting = &pair->setting,
        .cut = cut,
        .prng = &pair->prng,
        .buffer = pair->buffer,
    };
}

int pair_init(struct pair *pair, uv_loop_t *loop, const char *host, uint16_t port,
              const char *target, uint64_t seed, struct text *why)
{
    int fd = -1;
    int result;

    memset(pair, 0, sizeof(*pair));
    pair->setting = setting_default();
    prng_init(&pair->prng, seed);
    rules_init(pair, &pair->up, CUT_UP);
    rules_init(pair, &pair->down, CUT_DOWN);
    result = endpoint_parse(target, &pair->target, why);
    if (result == 0)
        result = endpoint_listen(host, port, &fd, &pair->port, why);
    if (result != 0)
        return result;
    (void)uv_tcp_init(loop, &pair->listener);
    pair->listener.data = pair;
    pair->listening = true;
    if (uv_tcp_open(&pair->listener, fd) != 0) {
        (void)close(fd);
        result = ERR_INTERNAL;
    } else if (uv_listen((uv_stream_t *)&pair->listener, BACKLOG, on_connection) != 0) {
        result = ERR_INTERNAL;
    }
    if (result != 0)
        text_set(why, "port %u: libuv does not listen", (unsigned)pair->port);
    return result;
}

void pair_close(struct pair *pair)
{
    while (pair->links != NULL)
        link_close(pair->links, true);
    if (pair->listening)
        uv_close((uv_handle_t *)&pair->listener, NULL);
    pair->listening = false;
}

void pair_apply(struct pair *pair, const struct setting *setting)
{
    bool healed = pair->setting.cut != CUT_NO && setting->cut == CUT_NO;
    struct link *link = pair->links;

    pair->setting = *setting;
    while (link != NULL) {
        struct link *next = link->next;

        if (setting->refuse || (healed && link_has_lost(link)))
            link_close(link, true);
        link = next;
    }
}

static void counts_describe(const struct lane_counts *counts, const char *name, cJSON *object)
{
    cJSON *direction = cJSON_AddObjectToObject(object, name);

    (void)cJSON_AddNumberToObject(direction, "bytes", (double)counts->bytes);
    (void)cJSON_AddNumberToObject(direction, "bytes_lost", (double)counts->bytes_lost);
    (void)cJSON_AddNumberToObject(direction, "chunks", (double)counts->chunks);
    (void)cJSON_AddNumberToObject(direction, "chunks_stalled", (double)counts->chunks_stalled);
}

cJSON *pair_describe(const struct pair *pair)
{
    cJSON *object = cJSON_CreateObject();

    (void)cJSON_AddNumberToObject(object, "listen", pair->port);
    (void)cJSON_AddStringToObject(object, "to", pair->target.name);
    setting_describe(&pair->setting, object);
    (void)cJSON_AddNumberToObject(object, "open", (double)pair->link_count);
    (void)cJSON_AddNumberToObject(object, "accepted", (double)pair->accepted_count);
    (void)cJSON_AddNumberToObject(object, "refused", (double)pair->refused_count);
    counts_describe(&pair->up.counts, "up", object);
    counts_describe(&pair->down.counts, "down", object);
    return object;
}
