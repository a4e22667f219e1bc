#include "node/io/api/routes.h"

#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/text.h"
#include "node/io/api/pages.h"

#define SERVICE_POST(word, kind)                                                      \
    {                                                                                 \
        "POST", "/v1/services/{name}/" word, ACCESS_WRITE, post_operation, kind, NULL \
    }
#define GET(path, access, handler)                           \
    {                                                        \
        "GET", path, access, handler, OPERATION_KIND_N, NULL \
    }

#define CONTEXT(method, access)                                                               \
    {                                                                                         \
        method, "/v1/contexts/{id}", access, context_request, OPERATION_KIND_N, CONTEXT_ALLOW \
    }
#define CONTEXT_ALLOW "GET, HEAD, PUT, POST, DELETE"

static const struct api_route table[] = {
    GET("/v1/status", ACCESS_READ, page_status),
    GET("/v1/leader", ACCESS_OPEN, page_leader),
    GET("/v1/services", ACCESS_READ, page_services),
    GET("/v1/services/{name}", ACCESS_READ, page_service),
    GET("/v1/services/{name}/explain", ACCESS_READ, page_explain),
    GET("/v1/incidents", ACCESS_READ, page_incidents),
    GET("/v1/incidents/{id}", ACCESS_READ, page_incident),
    GET("/v1/incidents/{id}/certificate", ACCESS_READ, page_certificate),
    GET("/v1/history", ACCESS_READ, page_history),
    GET("/metrics", ACCESS_READ, page_metrics),
    GET("/healthz", ACCESS_OPEN, page_health),
    GET("/readyz", ACCESS_OPEN, page_ready),
    SERVICE_POST("failover", OPERATION_FAILOVER),
    SERVICE_POST("failback", OPERATION_FAILBACK),
    SERVICE_POST("hold", OPERATION_HOLD),
    SERVICE_POST("release", OPERATION_RELEASE),
    SERVICE_POST("arm", OPERATION_ARM),
    SERVICE_POST("disarm", OPERATION_DISARM),
    SERVICE_POST("ack", OPERATION_ACK),
    {"POST", "/v1/hold", ACCESS_WRITE, post_operation, OPERATION_HOLD_ALL, NULL},
    {"POST", "/v1/release", ACCESS_WRITE, post_operation, OPERATION_RELEASE_ALL, NULL},
    {"POST", "/v1/init", ACCESS_WRITE, post_init, OPERATION_KIND_N, NULL},
    CONTEXT("GET", ACCESS_CONTEXT_READ),
    CONTEXT("PUT", ACCESS_CONTEXT_WRITE),
    CONTEXT("POST", ACCESS_CONTEXT_WRITE),
    CONTEXT("DELETE", ACCESS_CONTEXT_WRITE),
};

const struct api_route *routes_table(size_t *ret_count)
{
    *ret_count = ARRAY_COUNT(table);
    return table;
}

/* Segment by segment; {argument} stands for one that is not empty. */
static bool path_matches(const char *pattern, const char *path, char *ret_argument, size_t size)
{
    while (*pattern != '\0' && *path != '\0') {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        size_t length = strcspn(path, "/");
        if (length == 0 || length >= size)
            return false;
        memcpy(ret_argument, path, length);
        ret_argument[length] = '\0';
        path += length;
        pattern += strcspn(pattern, "}") + 1;
    }
    return *pattern == '\0' && *path == '\0';
}

int routes_find(const char *method, const char *path, char *ret_argument, size_t size,
                const struct api_route **ret_route, const char **ret_allow)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    const char *allow = NULL;
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        ret_argument[0] = '\0';
        if (!path_matches(table[i].path, path, ret_argument, size))
            continue;
        if (strcmp(table[i].method, wanted) == 0) {
            *ret_route = &table[i];
            return 0;
        }
        allow = strcmp(table[i].method, "GET") == 0 ? "GET, HEAD" : table[i].method;
        if (table[i].allow != NULL)
            allow = table[i].allow;
    }
    ret_argument[0] = '\0';
    if (allow == NULL)
        return ERR_NOT_FOUND;
    *ret_allow = allow;
    return ERR_FORBIDDEN;
}
