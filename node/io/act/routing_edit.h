/* What the backends that send back what they read have in common: the values that say which side
 * serves are read and exchanged in the document's bytes, and everything else goes back as it came.
 * Never makes a body of its own. Called by the routing backends; pure. */
#ifndef QUORATE_IO_ACT_ROUTING_EDIT_H
#define QUORATE_IO_ACT_ROUTING_EDIT_H

#include "node/io/act/routing.h"

/* The value in which the state is told; ROUTE_VALUE_N of states that are not written. */
enum route_value route_value_of(enum route_state state);

/* A pointer to a member of the document itself. Returns 0 or ERR_TOO_LARGE. */
int route_pointer_to(const char *member, char ret_pointer[JSON_POINTER_SIZE]);

/* The state that the value at the pointer says; FOREIGN where it is none of ours. Returns 0,
 * ERR_NOT_FOUND (nothing stands there), or ERR_MALFORMED with `why`. */
int route_read_state(const struct service_config *service, const struct route_config *route,
                     const struct route_document *document, const char *pointer,
                     enum route_state *ret_state, struct text *why);
/* A whole number that is not negative. Returns 0, or ERR_MALFORMED with `why`. */
int route_read_version(const struct route_document *document, const char *pointer,
                       uint64_t *ret_version, struct text *why);
/* Does exactly these words stand at the pointer? */
bool route_document_says(const struct route_document *document, const char *pointer,
                         const char *words);
/* Is the resource itself inactive or deleted? Its state is then FOREIGN; `why` says so. */
bool route_is_gone(const struct route_document *document, struct text *why);

/* The platform's own word, `status`: Pending, Active, or something that does not serve. */
enum route_progress route_confirm_status(const struct route_document *document, struct text *why);

/* The value in the form in which the old one stands there: a string in place of a string or null,
 * else bare. Returns 0 or ERR_STATE with `why`. */
int route_form_value(const char *text, struct json_span old, const char *words,
                     char ret_value[ROUTE_VALUE_SIZE], struct text *why);

/* Adds the edit that writes the state's value at the pointer. Returns 0, or ERR_STATE with `why`
 * where the route has no value for it. */
int route_edit_add(const struct service_config *service, const struct route_config *route,
                   const char *pointer, enum route_state state, struct route_edits *edits,
                   struct text *why);

/* `read` and `edit` of resources whose one `flow` decides, without a version. */
int route_read_flow(const struct service_config *service, const struct route_config *route,
                    const struct route_document *document, struct route_reading *ret_reading,
                    struct text *why);
int route_edit_flow(const struct service_config *service, const struct route_config *route,
                    enum route_state state, struct route_edits *ret_edits, struct text *why);

/* The document with the edits; the caller frees it with cJSON_free. Returns 0, ERR_STATE with `why`
 * (nothing stands where it must, or nothing of ours), ERR_MALFORMED or ERR_NO_MEMORY. */
int route_edits_apply(const struct service_config *service, const struct route_config *route,
                      const struct route_document *document, const struct route_edits *edits,
                      char **ret_text, struct text *why);

#endif
