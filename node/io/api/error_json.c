#include "node/io/api/error_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/io/api/json_add.h"

#define OUT_OF_MEMORY "{\"code\":\"no-memory\",\"why\":\"this node is out of memory\"}\n"

void answer_json(struct request *request, unsigned status, cJSON *page)
{
    if (request->answer.status != 0) {
        cJSON_Delete(page);
        return;
    }
    request->answer.status = status;
    request->answer.json = page;
}

void answer_text(struct request *request, const char *type, char *text, size_t length)
{
    if (request->answer.status != 0) {
        free(text);
        return;
    }
    request->answer.status = MHD_HTTP_OK;
    request->answer.bytes = (uint8_t *)text;
    request->answer.byte_count = length;
    request->answer.type = type;
}

void answer_error(struct request *request, unsigned status, const char *code, const char *format,
                  ...)
{
    char why[TEXT_BYTES];
    va_list list;
    va_start(list, format);
    vsnprintf(why, sizeof why, format, list);
    va_end(list);
    cJSON *page = cJSON_CreateObject();
    json_add_string(page, "code", code);
    json_add_string(page, "why", why);
    answer_json(request, status, page);
}

void answer_clear(struct answer *answer)
{
    cJSON_Delete(answer->json);
    free(answer->bytes);
    memset(answer, 0, sizeof *answer);
}

/* The answer's bytes as a response, which then owns them. */
static struct MHD_Response *make_response(struct answer *answer)
{
    if (answer->bytes != NULL) {
        struct MHD_Response *response = MHD_create_response_from_buffer(
            answer->byte_count, answer->bytes, MHD_RESPMEM_MUST_FREE);
        if (response != NULL)
            answer->bytes = NULL;
        return response;
    }
    char *text = answer->json != NULL ? cJSON_PrintUnformatted(answer->json) : NULL;
    size_t length = text != NULL ? strlen(text) : 0;
    char *line = text != NULL ? realloc(text, length + 2) : NULL;
    if (line == NULL) {
        free(text);
        answer->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
        return MHD_create_response_from_buffer(sizeof OUT_OF_MEMORY - 1, (void *)OUT_OF_MEMORY,
                                               MHD_RESPMEM_MUST_COPY);
    }
    line[length] = '\n';
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length + 1, line, MHD_RESPMEM_MUST_FREE);
    if (response == NULL)
        free(line);
    return response;
}

static void add_retry_after(struct MHD_Response *response, unsigned seconds)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%u", seconds > 0 ? seconds : 1);
    MHD_add_response_header(response, "Retry-After", text);
}

static void add_headers(struct MHD_Response *response, const struct answer *answer)
{
    MHD_add_response_header(response, "Content-Type",
                            answer->type != NULL ? answer->type : "application/json");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (answer->status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(response, "WWW-Authenticate", "Bearer realm=\"quorate\"");
    if (answer->status == MHD_HTTP_SERVICE_UNAVAILABLE)
        add_retry_after(response, answer->retry_after_s);
    if (answer->allow != NULL)
        MHD_add_response_header(response, "Allow", answer->allow);
    if (answer->location[0] != '\0')
        MHD_add_response_header(response, "Location", answer->location);
}

enum MHD_Result answer_send(struct request *request)
{
    struct answer *answer = &request->answer;
    struct MHD_Response *response = make_response(answer);
    enum MHD_Result result = MHD_NO;
    if (response != NULL) {
        add_headers(response, answer);
        result = MHD_queue_response(request->connection, answer->status, response);
        MHD_destroy_response(response);
    }
    answer_clear(answer);
    return result;
}
