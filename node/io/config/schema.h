/* The schema table: each key that a configuration may hold, with type, unit, default, limits and
 * help. Never reads a file. Whoever adds a setting adds a field, a row, and nothing else. Drives
 * the walk (unknown keys, values), the filling of the structs, the hashes and the printed defaults.
 */
#ifndef QUORATE_IO_CONFIG_SCHEMA_H
#define QUORATE_IO_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kinds of object that rows belong to; a row's path starts there, and its offset is into that
 * struct. */
enum schema_place {
    PLACE_FILE,     /* struct config */
    PLACE_NODE,     /* struct node_config */
    PLACE_SERVICE,  /* struct service_config */
    PLACE_SIDE,     /* struct side_config */
    PLACE_PROBE,    /* struct probe_config; references, too */
    PLACE_ROUTE,    /* struct route_config */
    PLACE_PLATFORM, /* struct platform_config */
    PLACE_NOTIFY,   /* struct notify_config */
    PLACE_LOCAL,    /* struct local_config */
    PLACE_N
};

enum schema_type {
    SCHEMA_DURATION, /* time_ms */
    SCHEMA_COUNT,    /* an unsigned integer of the field's size */
    SCHEMA_BOOL,
    SCHEMA_CHOICE,    /* one of `words`, stored as its place */
    SCHEMA_WORD,      /* one of `words`, stored as text */
    SCHEMA_FAILBACK,  /* manual or auto, stored as bool */
    SCHEMA_NAME,      /* struct name */
    SCHEMA_TEXT,      /* printable text */
    SCHEMA_HOST,      /* host name or address */
    SCHEMA_TARGET,    /* http://, https:// or tcp:// URL */
    SCHEMA_URL,       /* http:// or https:// URL */
    SCHEMA_HEADER,    /* "Name: value" */
    SCHEMA_QUERY,     /* "name=value" */
    SCHEMA_JSON,      /* text of a JSON object with placeholders; `words` are the known ones */
    SCHEMA_BODY,      /* text of any lines, with placeholders of a probe */
    SCHEMA_POINTER,   /* a JSON pointer */
    SCHEMA_REGEX,     /* an extended regular expression */
    SCHEMA_STATUSES,  /* HTTP statuses and ranges of them into struct status_set */
    SCHEMA_HEADERS,   /* a list of headers and credentials into struct header_list */
    SCHEMA_TURNS,     /* a list of texts into struct turn_list */
    SCHEMA_KEY,       /* an Ed25519 public key */
    SCHEMA_SECRET,    /* a reference to a credential, never the secret itself */
    SCHEMA_OPEN_TEXT, /* text or a reference to a credential */
    SCHEMA_OPEN_URL,  /* a URL or a reference to a credential */
    SCHEMA_FILE,      /* a path, or a reference to a credential's file */
    SCHEMA_KEY_FILE,  /* a reference to a credential's file */
    SCHEMA_BUDGET,    /* "3/24h" into struct service_config */
    SCHEMA_LISTEN,    /* "host:port" into struct local_config */
    SCHEMA_NOTICES,   /* a list of notice words, stored as a mask */
    SCHEMA_DIALS,     /* a map host:port -> host:port into struct local_config */
    SCHEMA_OBJECT,    /* a map of the child place's keys */
    SCHEMA_SECTION,   /* the child place's group of the same name, for all objects of that place */
    SCHEMA_MAP,       /* a map NAME -> child place */
    SCHEMA_LIST,      /* a list of child place */
    SCHEMA_TYPE_N
};

enum {
    SCHEMA_REQUIRED = 1, /* must be written somewhere */
    SCHEMA_OWN = 2,      /* must be written at the object itself, not in defaults or overrides */
    SCHEMA_GLOBAL = 4,   /* may stand in a top-level section for all services */
    SCHEMA_SCALAR = 8,   /* `a: VALUE` is short for `a: {b: VALUE}` where this is a.b */
    SCHEMA_WHOLE = 16,   /* the group is taken from one source only, not key by key */
    SCHEMA_ITEM = 32,    /* a scalar in a list of the place is short for {this: VALUE} */
};

struct schema_row {
    enum schema_place place;
    const char *path; /* within the place, dots between keys */
    enum schema_type type;
    const char *unit; /* what a number counts, or how the text looks */
    const char
        *default_value; /* as it would be written; NULL: none, or worked out as the help says */
    int64_t min;        /* of durations (ms) and counts */
    int64_t max;
    unsigned flags;
    size_t offset;
    size_t size;              /* 0: checked, but not stored */
    const char *const *words; /* NULL-terminated, of SCHEMA_CHOICE, SCHEMA_WORD, SCHEMA_JSON */
    enum schema_place child;  /* of containers */
    const char *help;
};

size_t schema_count(void);
const struct schema_row *schema_at(size_t index);

/* The row with exactly this path, or NULL. */
const struct schema_row *schema_find(enum schema_place place, const char *path);
/* Is there a row below path + "."? */
bool schema_is_group(enum schema_place place, const char *path);
/* The row below `path` that a scalar standing at `path` itself means, or NULL. */
const struct schema_row *schema_scalar_row(enum schema_place place, const char *path);
/* The row that a scalar in a list of the place means, or NULL. */
const struct schema_row *schema_item_row(enum schema_place place);
/* Objects, maps and lists; they have children instead of a value. */
bool schema_is_container(enum schema_type type);

/* "services.NAME." and so on, as a person writes the place; "" for the file. */
const char *schema_place_prefix(enum schema_place place);
const char *schema_type_name(enum schema_type type);

#endif
