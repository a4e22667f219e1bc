/* What makes one kind of resource different from another: its paths, its fields, its rules.
 * Never holds a resource; the document and the catalog do.
 * One file of this folder defines each kind; the API serves all of them alike. */
#ifndef QUORATE_LAB_KIND_H
#define QUORATE_LAB_KIND_H

#include "common/text.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

struct catalog;
struct document;

enum kind_field_type {
    KIND_TEXT,
    KIND_NUMBER,
    KIND_BOOL,
    KIND_LIST,
    KIND_OBJECT,
    KIND_FLOW, /* {"id": ...}; stored with the flow's name and its selfUri */
    KIND_FIELD_TYPE_N
};

/* A field of a PUT body. What is not listed may be there and is stored as it came. */
struct kind_field {
    const char *name;
    enum kind_field_type type;
    bool required;
};

/* How a list of the kind is asked for page by page. */
enum kind_paging {
    KIND_PAGES,  /* pageSize, pageNumber; total, pageCount and five URIs */
    KIND_CURSOR, /* pageSize, after; total, nextUri */
    KIND_PAGING_N
};

struct kind {
    const char *name;   /* in /sim/ and in the journal, e.g. "ivr" */
    const char *path;   /* of the list, "{parent}" for the resource above; "": not served by kind */
    const char *view;   /* the permission for GET */
    const char *edit;   /* the permission for all else */
    const char *entity; /* what error bodies call it */
    const char *missing_code; /* of a 404 */
    const char *invalid_code; /* of a 400 for a field */
    enum kind_paging paging;
    int page_size; /* where a request names none */
    bool writable; /* takes a PUT, which replaces all but the owned fields */
    bool versioned;
    bool delayed;         /* a change is Pending first, then Active */
    int put_status;       /* of a PUT that was taken */
    const char *id_field; /* the field that holds its id; NULL: "id" */
    const struct kind_field *fields;
    size_t field_count;
    const char *const *owned; /* kept as they are, whatever a PUT says; ends with NULL */

    /* Each may be NULL. `why` begins with the name of the field. */
    int (*check)(const struct catalog *catalog, const struct document *document, const cJSON *body,
                 struct text *why);
    /* Completes what a PUT left: a default, a reference. */
    void (*complete)(const struct catalog *catalog, const struct document *document, cJSON *json);
    /* Makes the changes of a PATCH in `json`; absent where the kind takes none. Errors:
     * ERR_INVALID, ERR_CONFLICT. */
    int (*patch)(cJSON *json, const cJSON *body, struct text *why);
    /* The flow that the resource itself names, or NULL; absent where it names none ever. */
    const char *(*flow)(const struct document *document);
    /* The flow that a new conversation gets; absent: the one above. */
    const char *(*reached)(const struct catalog *catalog, const struct document *document);
    /* The journal's word for it; absent: side_state of the flow. */
    const char *(*state)(const struct document *document);
};

extern const struct kind kind_ivr;
extern const struct kind kind_emergency_group;
extern const struct kind kind_datatable_row;
extern const struct kind kind_message_recipient;
extern const struct kind kind_web_deployment;
extern const struct kind kind_email_route;
extern const struct kind kind_flow;
extern const struct kind kind_action;
extern const struct kind kind_datatable;
extern const struct kind kind_email_domain;
extern const struct kind kind_queue;
extern const struct kind kind_contact;
extern const struct kind kind_dependency;
extern const struct kind kind_conversation;
extern const struct kind kind_profile;

/* All of them. */
extern const struct kind *const kinds[];
extern const size_t kind_count;

/* NULL where there is none of that name. */
const struct kind *kind_find(const char *name);

/* The field of a reference: {"id": "..."} -> the id; NULL where it is not one. */
const char *kind_reference(const cJSON *object, const char *key);

#endif
