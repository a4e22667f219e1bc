#include "tests/lab/checker/probe.h"

#include "common/errors.h"
#include "tests/lab/base/stop.h"

#include <curl/curl.h>
#include <limits.h>

static size_t body_drop(char *bytes, size_t size, size_t count, void *data)
{
    (void)bytes;
    (void)data;
    return size * count;
}

static void easy_prepare(CURL *easy, const struct probe_target *target,
                         const struct curl_slist *connect_to)
{
    (void)curl_easy_setopt(easy, CURLOPT_URL, target->url);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)target->timeout_ms);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_drop);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to);
}

/* False where a stop came before the end. */
static bool multi_finish(CURLM *multi, int stop_fd, CURLcode *ret_code)
{
    struct curl_waitfd stop = {.fd = stop_fd, .events = CURL_WAIT_POLLIN};
    CURLMsg *message;
    int running = 1;
    int left = 0;

    while (running > 0) {
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            break;
        if (running > 0)
            (void)curl_multi_poll(multi, &stop, 1, 1000, NULL);
        if (stop_wait(stop_fd, 0))
            return false;
    }
    message = curl_multi_info_read(multi, &left);
    *ret_code = message == NULL ? CURLE_FAILED_INIT : message->data.result;
    return true;
}

static void result_judge(CURL *easy, CURLcode code, const struct probe_target *target,
                         struct probe_result *result)
{
    curl_off_t total_us = 0;
    long status = 0;

    (void)curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &total_us);
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    result->status = (int)status;
    result->total_ms = (double)total_us / 1000;
    if (code != CURLE_OK)
        text_set(&result->why, "%s", curl_easy_strerror(code));
    else if (status != 200)
        text_set(&result->why, "status %ld", status);
    else if (result->total_ms > (double)target->latency_ms)
        text_set(&result->why, "took %.0f ms, allowed are %lld", result->total_ms,
                 (long long)target->latency_ms);
    else
        result->ok = true;
}

int probe_run(const struct probe_target *target, int stop_fd, struct probe_result *ret_result)
{
    struct probe_result result = {0};
    struct text connect_word = {0};
    struct curl_slist *connect_to = NULL;
    CURL *easy = curl_easy_init();
    CURLM *multi = curl_multi_init();
    CURLcode code = CURLE_OK;
    int error = ERR_NO_MEMORY;

    if (target->connect_to != NULL) {
        text_set(&connect_word, "::%s", target->connect_to);
        connect_to = curl_slist_append(NULL, connect_word.bytes);
    }
    if (easy == NULL || multi == NULL || (target->connect_to != NULL && connect_to == NULL))
        goto out;
    easy_prepare(easy, target, connect_to);
    error = ERR_INTERNAL;
    if (curl_multi_add_handle(multi, easy) != CURLM_OK)
        goto out;
    result.stopped = !multi_finish(multi, stop_fd, &code);
    if (!result.stopped)
        result_judge(easy, code, target, &result);
    (void)curl_multi_remove_handle(multi, easy);
    *ret_result = result;
    error = 0;

out:
    curl_multi_cleanup(multi);
    curl_easy_cleanup(easy);
    curl_slist_free_all(connect_to);
    return error;
}
