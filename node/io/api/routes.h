/* The API's paths: one table, from which requests are dispatched and against which openapi.yaml is
 * tested. Never looks at a request's content. Called by request.c and tests. */
#ifndef QUORATE_IO_API_ROUTES_H
#define QUORATE_IO_API_ROUTES_H

#include <stddef.h>

#include "proto/operation.h"

struct node_view;
struct request;

enum access_kind {
    ACCESS_OPEN,          /* readiness, health and the leader query */
    ACCESS_READ,          /* the read token, where one is configured */
    ACCESS_WRITE,         /* the write token, always */
    ACCESS_CONTEXT_READ,  /* one of the contexts' two tokens, where they are configured */
    ACCESS_CONTEXT_WRITE, /* the contexts' write token, where it is configured */
    ACCESS_KIND_N
};

/* Sets the request's answer, or makes it wait. */
typedef void api_handler_fn(struct request *request, const struct node_view *view);

struct api_route {
    const char *method; /* GET (which serves HEAD, too), POST, PUT or DELETE */
    const char *path;   /* with at most one {argument} segment */
    enum access_kind access;
    api_handler_fn *handler;
    enum operation_kind operation; /* of the operators' POSTs */
    const char *allow;             /* all methods of the path, where it has several rows */
};

const struct api_route *routes_table(size_t *ret_count);

/* Finds the row of a method and path. ret_argument gets what stands for {argument}. Returns 0,
 * ERR_NOT_FOUND, or ERR_FORBIDDEN where the path exists for other methods only, which *ret_allow
 * then names. */
int routes_find(const char *method, const char *path, char *ret_argument, size_t size,
                const struct api_route **ret_route, const char **ret_allow);

#endif
