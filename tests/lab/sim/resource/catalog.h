/* All resources of the simulated organisation, and what they say about each other.
 * Never speaks HTTP, never reads a clock.
 * Called by the API and the control interface under the platform's lock. */
#ifndef QUORATE_LAB_CATALOG_H
#define QUORATE_LAB_CATALOG_H

#include "tests/lab/sim/resource/document.h"

enum { CATALOG_MAX = 65536, CATALOG_URI_BYTES = 1024 };

struct catalog {
    struct document **documents;
    size_t count;
    size_t capacity;
};

/* Fills it with the stock: see stock.c. Errors: ERR_NO_MEMORY, ERR_FULL. */
int catalog_init(struct catalog *catalog, time_ms now_ms, time_ms wall_ms);
void catalog_fini(struct catalog *catalog);

/* NULL where there is none. `parent` is "" for kinds without. */
struct document *catalog_find(struct catalog *catalog, const struct kind *kind, const char *parent,
                              const char *id);
/* By its name, kind/parent/id. */
struct document *catalog_find_name(struct catalog *catalog, const char *name);

/* Adds one. Takes `json`, also on error. Errors: ERR_FULL, ERR_INVALID, ERR_NO_MEMORY. */
int catalog_add(struct catalog *catalog, const struct kind *kind, const char *parent,
                const char *id, cJSON *json);

/* The same by its name, with what the platform adds to each: id, selfUri, dates. Takes `json`, also
 * on error. Errors: as above, and ERR_NOT_FOUND (no such kind). */
int catalog_create(struct catalog *catalog, const char *name, cJSON *json, time_ms wall_ms);

/* Notes for every entrance what new conversations get from now on; for `changed` (or NULL) from
 * `changed_at_ms` on. */
void catalog_effects_note(struct catalog *catalog, const struct document *changed,
                          time_ms changed_at_ms, time_ms now_ms);

/* Gives a reference to a flow that is there its name and selfUri. */
void catalog_flow_complete(const struct catalog *catalog, cJSON *reference);

/* The path of a document with its ids encoded. */
void catalog_uri(const struct document *document, char *ret_uri, size_t size);
/* The path of a kind's list below `parent`. */
void catalog_list_uri(const struct kind *kind, const char *parent, char *ret_uri, size_t size);

/* ISO 8601 with milliseconds, as the platform writes dates. */
void catalog_date(time_ms wall_ms, char *ret_date, size_t size);

#endif
