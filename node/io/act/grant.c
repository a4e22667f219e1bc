#include "node/io/act/grant.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/check.h"

enum {
    BASIC_SIZE = 3 * SECRET_SIZE, /* base64 of two secrets and a colon */
};

#define FORM_CREDENTIALS "grant_type=client_credentials"
#define FORM_REFRESH "grant_type=refresh_token&refresh_token="

static void make_basic(const struct grant_request *request, char ret_basic[BASIC_SIZE])
{
    char pair[2 * SECRET_SIZE + 1];
    int length = snprintf(pair, sizeof pair, "%s:%s", request->client_id, request->client_secret);
    CHECK(length > 0 && (size_t)length < sizeof pair);
    CHECK(text_copy(ret_basic, BASIC_SIZE, "Authorization: Basic ") == 0);
    size_t used = strlen(ret_basic);
    (void)sodium_bin2base64(ret_basic + used, BASIC_SIZE - used, (const unsigned char *)pair,
                            (size_t)length, sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(pair, sizeof pair);
}

/* The form's own alphabet; everything else is written as %XX. */
static size_t add_encoded(char *form, size_t used, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (strchr(plain, *text) != NULL) {
            form[used++] = *text;
            continue;
        }
        form[used++] = '%';
        form[used++] = digits[byte >> 4];
        form[used++] = digits[byte & 0xf];
    }
    return used;
}

void grant_ask(struct http_client *client, const struct grant_request *request,
               struct grant_answer *ret_answer)
{
    char url[URL_SIZE + 16];
    char host[HTTP_HOST_SIZE];
    char basic[BASIC_SIZE];
    char form[sizeof FORM_REFRESH + 3 * REFRESH_SIZE] = FORM_CREDENTIALS;
    size_t form_length = sizeof FORM_CREDENTIALS - 1;
    size_t length = strlen(request->login_url);
    while (length > 0 && request->login_url[length - 1] == '/')
        length--;
    int url_length = snprintf(url, sizeof url, "%.*s/oauth/token", (int)length, request->login_url);
    CHECK(url_length > 0 && (size_t)url_length < sizeof url);
    if (request->refresh_token != NULL) {
        CHECK(strlen(request->refresh_token) < REFRESH_SIZE);
        (void)text_copy(form, sizeof form, FORM_REFRESH);
        form_length = add_encoded(form, sizeof FORM_REFRESH - 1, request->refresh_token);
    }
    make_basic(request, basic);
    const struct http_request http_request = {
        .method = HTTP_POST,
        .url = url,
        .headers = {basic, "Content-Type: application/x-www-form-urlencoded",
                    "Accept: application/json"},
        .body = form,
        .body_length = form_length,
        .deadline_ms = request->deadline_ms,
        .start_before_ms = request->start_before_ms,
        .own_connection = request->refresh_token != NULL,
    };
    struct http_answer http;
    http_client_request(client, &http_request, &http);
    sodium_memzero(basic, sizeof basic);
    sodium_memzero(form, sizeof form);
    http_url_host(url, host);
    *ret_answer = (struct grant_answer){.result = ROUTE_RESULT_NOT_SENT};
    grant_answer_read(&http, host, ret_answer);
}
