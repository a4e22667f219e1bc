/* The places of the platform through which a conversation reaches a flow: their lists, where in an
 * entity its flow stands, and those that point at a flow. Never asks the platform.
 * Filled by the runner page by page, read by the check of entrances. */
#ifndef QUORATE_IO_PREFLIGHT_ENTRANCE_H
#define QUORATE_IO_PREFLIGHT_ENTRANCE_H

#include <cjson/cJSON.h>

#include "node/io/config/config.h"
#include "node/io/preflight/page.h"

enum {
    ENTRANCE_KIND_COUNT = 7,
    ENTRANCE_COUNT_MAX = 96, /* entrances beyond are counted, not kept */
    ENTRANCE_ID_SIZE = 128,
    ENTRANCE_NAME_SIZE = 80,
};

struct entrance_kind {
    const char *name;       /* of the routing backend, too, where there is one */
    const char *list;       /* the path of its list */
    const char *outer;      /* ... of the list of parents, where it is a list in each parent */
    const char *inner;      /* ... and what comes behind a parent's id */
    const char *query;      /* of the list, beside the paging */
    int page_size;          /* entities of a page must fit into HTTP_BODY_BYTES_MAX */
    const char *permission; /* that the list needs */
    /* Does an entity point at the flow? Names the place within it. */
    bool (*points)(const cJSON *entity, const char *flow, const char **ret_slot);
};

/* Something that points at the primary flow of a service. */
struct entrance {
    const struct entrance_kind *kind;
    char parent[ENTRANCE_ID_SIZE]; /* table or domain, or "" */
    char id[ENTRANCE_ID_SIZE];
    char name[ENTRANCE_NAME_SIZE]; /* printable */
    const char *slot;              /* where in it the flow stands; static storage */
    char flow[NAME_SIZE * 2];
};

/* How far the lists of a kind were read. */
struct entrance_list {
    bool asked;
    bool cut; /* there are more entities than were asked for */
    enum route_result result;
    struct text why;
};

struct entrances {
    struct entrance found[ENTRANCE_COUNT_MAX];
    size_t count;   /* kept */
    size_t dropped; /* found without room */
    struct entrance_list lists[ENTRANCE_KIND_COUNT];
};

const struct entrance_kind *entrance_kind_at(size_t at); /* at < ENTRANCE_KIND_COUNT */
/* By its backend's name; NULL for a backend that the platform has no list of. */
const struct entrance_kind *entrance_find_kind(const char *backend);

/* Adds those of a page's entities that point at the primary flow of a route of any service on the
 * platform. */
void entrances_take(struct entrances *entrances, const struct config *config, size_t platform,
                    const struct entrance_kind *kind, const char *parent, const cJSON *page);

/* Is it what the route is? Only its kind and ids are compared. */
bool entrance_is_route(const struct entrance *entrance, const struct route_config *route);

/* The id of an entity: its `id`, or `key` of a row; NULL where it has none. */
const char *entrance_id(const cJSON *entity);

#endif
