#include "node/io/probe/probe_request.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include <sodium.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/text.h"
#include "node/io/act/json.h"
#include "node/io/config/endpoint.h"
#include "node/io/probe/probe_certificate.h"

enum {
    US_PER_MS = 1000,
    /* Our own deadlines are exact; curl's stand behind them. */
    CONNECT_BACKSTOP_MS = 100,
    TOTAL_BACKSTOP_MS = 5000,
};

struct long_option {
    CURLoption option;
    long value;
};

/* QUICK_EXIT: without it, the end of a handle waits for its name look-up, which took 9.5 s here. */
static const struct long_option long_options[] = {
    {CURLOPT_NOSIGNAL, 1},          {CURLOPT_QUICK_EXIT, 1},
    {CURLOPT_FOLLOWLOCATION, 0},    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    {CURLOPT_DNS_CACHE_TIMEOUT, 0}, {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
    {CURLOPT_CERTINFO, 1},
};

int64_t probe_now_us(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int copy_token(struct probe *probe, const struct token *token)
{
    if (token == NULL) {
        return 0;
    }
    probe->token = malloc(sizeof *probe->token);
    if (probe->token == NULL) {
        return ERR_NO_MEMORY;
    }
    *probe->token = *token;
    return 0;
}

/* Nobody needs to guess it; two probes must not share it. */
static void make_session(char ret_session[PROBE_ID_SIZE])
{
    uint8_t random[8];
    char hex[2 * sizeof random + 1];
    randombytes_buf(random, sizeof random);
    (void)snprintf(ret_session, PROBE_ID_SIZE, "quorate-%s",
                   sodium_bin2hex(hex, sizeof hex, random, sizeof random));
}

int probe_new(const struct probe_config *config, uint64_t ticket, const struct token *token,
              struct probe **ret_probe)
{
    struct endpoint endpoint = {0};
    struct text why = {0};
    if (endpoint_parse_url(config->url, &endpoint, &why) < 0) {
        return ERR_INVALID;
    }
    struct probe *probe = calloc(1, sizeof *probe);
    if (probe == NULL || copy_token(probe, token) < 0) {
        free(probe);
        return ERR_NO_MEMORY;
    }
    probe->ticket = ticket;
    probe->config = *config;
    probe->connect_only = !endpoint_is_http(&endpoint);
    probe->keeps = probe_expect_keeps(config);
    make_session(probe->session);
    (void)snprintf(probe->key, sizeof probe->key, "%s:%u", endpoint.host, (unsigned)endpoint.port);
    probe->submitted_us = probe_now_us();
    *ret_probe = probe;
    return 0;
}

void probe_free(struct probe *probe)
{
    if (probe->easy != NULL) {
        curl_easy_cleanup(probe->easy);
    }
    curl_slist_free_all(probe->headers);
    cJSON_free(probe->payload);
    free(probe->body);
    if (probe->token != NULL) {
        sodium_memzero(probe->token, sizeof *probe->token);
        free(probe->token);
    }
    sodium_memzero(&probe->config.headers, sizeof probe->config.headers);
    free(probe);
}

/* Called for each socket before its connect. Closing by a reset leaves no TIME_WAIT behind, and
 * nothing that was still on its way is delivered after the probe has ended. */
static int on_socket(void *data, curl_socket_t socket, curlsocktype purpose)
{
    struct probe *probe = data;
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};
    (void)purpose;
    (void)setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    probe->opened_last_us = probe_now_us();
    if (probe->opened_first_us == 0) {
        probe->opened_first_us = probe->opened_last_us;
    }
    return CURL_SOCKOPT_OK;
}

/* Called when TCP is up and TLS begins. Until TLS is up curl does not tell how long TCP took. */
static CURLcode on_securing(CURL *easy, void *context, void *data)
{
    struct probe *probe = data;
    (void)easy;
    (void)context;
    probe->securing_us = probe_now_us();
    return CURLE_OK;
}

static int32_t time_of(const struct probe *probe, CURLINFO info)
{
    curl_off_t value = 0;
    (void)curl_easy_getinfo(probe->easy, info, &value);
    return value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

static long long_of(const struct probe *probe, CURLINFO info)
{
    long value = 0;
    (void)curl_easy_getinfo(probe->easy, info, &value);
    return value;
}

/* Called when the connection stands and the request is about to be sent; again where curl repeats
 * it because a reused connection was found dead before the first byte. The deadline is the first
 * sending's. */
static int on_sending(void *data, char *remote, char *local, int remote_port, int local_port)
{
    struct probe *probe = data;
    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    bool again = probe->sent_us != 0;
    probe->sent_us = probe_now_us();
    if (!again && !probe->connect_only) {
        struct probe_phases phases = {0};
        probe_phases_get(probe, false, CURLE_OK, &phases);
        probe->deadline_us =
            probe->sent_us + probe_answer_within_us(&phases, &probe->config,
                                                    probe_target_round_trip_us(probe->target));
    }
    return CURL_PREREQFUNC_OK;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data)
{
    struct probe *probe = data;
    (void)bytes;
    if (probe->first_byte_us == 0) {
        probe->first_byte_us = probe_now_us();
    }
    return size * count;
}

/* A zero byte stands behind what is kept. Returns false where there is no memory. */
static bool keep(struct probe *probe, const char *bytes, size_t length)
{
    enum { ROOM_FIRST = 2048 };
    size_t room = probe->body_room > 0 ? probe->body_room : ROOM_FIRST;
    while (room < probe->body_bytes + length + 1) {
        room *= 2;
    }
    char *body = room == probe->body_room ? probe->body : realloc(probe->body, room);
    if (body == NULL) {
        return false;
    }
    probe->body = body;
    probe->body_room = room;
    memcpy(body + probe->body_bytes, bytes, length);
    body[probe->body_bytes + length] = '\0';
    return true;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct probe *probe = data;
    size_t length = size * count;
    size_t room = PROBE_BODY_BYTES_MAX - probe->body_bytes;
    size_t taken = length < room ? length : room;
    if (probe->keeps && !keep(probe, bytes, taken)) {
        return 0;
    }
    if (!probe->keeps) {
        probe_match_feed(&probe->match, bytes, taken);
    }
    probe->body_bytes += taken;
    probe->body_cut = length > room;
    return probe->body_cut ? 0 : length;
}

/* An empty proxy, and an empty list of exceptions, keep curl from reading the environment. Through
 * a tunnel the status is surely the target's own, and the proxy's is told apart. */
static CURLcode set_way(const struct probe *probe, const struct probe_settings *settings)
{
    const struct probe_config *config = &probe->config;
    CURLcode code = curl_easy_setopt(probe->easy, CURLOPT_PROXY, settings->proxy);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(probe->easy, CURLOPT_NOPROXY, "");
    }
    /* With a folder of certificates set, as Debian sets it, curl reads the whole bundle anew for
     * each connection: 20 to 30 ms of this thread. Without it, the bundle is read once a day. */
    (void)curl_easy_setopt(probe->easy, CURLOPT_CAPATH, NULL);
    (void)curl_easy_setopt(probe->easy, CURLOPT_HTTPPROXYTUNNEL, probe->proxied ? 1L : 0L);
    (void)curl_easy_setopt(probe->easy, CURLOPT_CONNECT_TO, settings->connect_to);
    (void)curl_easy_setopt(probe->easy, CURLOPT_CONNECTTIMEOUT_MS,
                           (long)(config->connect_timeout_ms + CONNECT_BACKSTOP_MS));
    (void)curl_easy_setopt(
        probe->easy, CURLOPT_TIMEOUT_MS,
        (long)(config->connect_timeout_ms + config->timeout_ms + TOTAL_BACKSTOP_MS));
    return code;
}

static void set_callbacks(struct probe *probe)
{
    (void)curl_easy_setopt(probe->easy, CURLOPT_PRIVATE, probe);
    (void)curl_easy_setopt(probe->easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
    (void)curl_easy_setopt(probe->easy, CURLOPT_SOCKOPTDATA, probe);
    (void)curl_easy_setopt(probe->easy, CURLOPT_SSL_CTX_FUNCTION, on_securing);
    (void)curl_easy_setopt(probe->easy, CURLOPT_SSL_CTX_DATA, probe);
    (void)curl_easy_setopt(probe->easy, CURLOPT_PREREQFUNCTION, on_sending);
    (void)curl_easy_setopt(probe->easy, CURLOPT_PREREQDATA, probe);
    (void)curl_easy_setopt(probe->easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(probe->easy, CURLOPT_HEADERDATA, probe);
    (void)curl_easy_setopt(probe->easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(probe->easy, CURLOPT_WRITEDATA, probe);
}

/* A conversation's requests go over one connection, where the platform keeps it. */
static void set_connection(struct probe *probe)
{
    bool talks = probe->config.kind == PROBE_BOT;
    bool leaves = !talks || probe->talk.step == TALK_FAREWELL;
    bool reuse = probe->config.reuse;
    (void)curl_easy_setopt(probe->easy, CURLOPT_FRESH_CONNECT, reuse || probe->reuses ? 0L : 1L);
    (void)curl_easy_setopt(probe->easy, CURLOPT_FORBID_REUSE, reuse || !leaves ? 0L : 1L);
    probe->reuses = talks;
}

static void start_clock(struct probe *probe)
{
    probe->started_us = probe_now_us();
    probe->deadline_us = probe->started_us + probe->config.connect_timeout_ms * US_PER_MS;
    probe->opened_first_us = 0;
    probe->opened_last_us = 0;
    probe->securing_us = 0;
    probe->sent_us = 0;
    probe->first_byte_us = 0;
    probe->body_bytes = 0;
    probe->body_cut = false;
    probe_match_init(&probe->match, probe->config.expect_body);
}

int probe_prepare_next(struct probe *probe)
{
    set_connection(probe);
    start_clock(probe);
    return probe_step_set(probe);
}

int probe_prepare(struct probe *probe, const struct probe_settings *settings,
                  struct probe_target *target)
{
    probe->target = target;
    probe->proxied = settings->proxy[0] != '\0';
    start_clock(probe);
    probe->late_us = probe->started_us - probe->submitted_us;
    probe->easy = curl_easy_init();
    if (probe->easy == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < ARRAY_COUNT(long_options); i++) {
        (void)curl_easy_setopt(probe->easy, long_options[i].option, long_options[i].value);
    }
    set_callbacks(probe);
    if (curl_easy_setopt(probe->easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
        curl_easy_setopt(probe->easy, CURLOPT_USERAGENT, "quorate/" QUORATE_VERSION) != CURLE_OK ||
        set_way(probe, settings) != CURLE_OK) {
        return ERR_NO_MEMORY;
    }
    set_connection(probe);
    return probe_step_set(probe);
}

int64_t probe_certificate_end(const struct probe *probe)
{
    static const char label[] = "Expire date:";
    struct curl_certinfo *info = NULL;
    int64_t end_s = 0;
    if (curl_easy_getinfo(probe->easy, CURLINFO_CERTINFO, &info) != CURLE_OK || info == NULL ||
        info->num_of_certs < 1) {
        return 0;
    }
    /* the first is the server's own; what others of the chain say is its issuer's matter */
    for (const struct curl_slist *line = info->certinfo[0]; line != NULL; line = line->next) {
        if (strncasecmp(line->data, label, strlen(label)) == 0 &&
            certificate_parse_time(line->data + strlen(label), &end_s) == 0) {
            return end_s;
        }
    }
    return 0;
}

static enum probe_stage stage_of(const struct probe *probe)
{
    if (probe->sent_us != 0) {
        return PROBE_SENT;
    }
    if (probe->securing_us != 0) {
        return PROBE_SECURING;
    }
    return probe->opened_first_us != 0 ? PROBE_CONNECTING : PROBE_RESOLVING;
}

static int32_t since(int64_t from_us, int64_t to_us)
{
    int64_t difference_us = to_us - from_us;
    return difference_us > INT32_MAX ? INT32_MAX : (int32_t)difference_us;
}

/* Where several addresses were tried, the connect that counts began with the last of them. */
static void fill_connection(const struct probe *probe, struct sample *sample)
{
    int32_t resolved_us = time_of(probe, CURLINFO_NAMELOOKUP_TIME_T);
    int32_t connected_us = time_of(probe, CURLINFO_CONNECT_TIME_T);
    int32_t secured_us = time_of(probe, CURLINFO_APPCONNECT_TIME_T);
    sample->dns_us = probe->opened_first_us != 0 ? resolved_us : -1;
    if (connected_us > 0) {
        int32_t connect_us =
            connected_us - resolved_us - since(probe->opened_first_us, probe->opened_last_us);
        sample->connect_us = connect_us > 0 ? connect_us : 0;
    } else if (probe->securing_us != 0) {
        sample->connect_us = since(probe->opened_last_us, probe->securing_us);
    }
    if (secured_us > 0) {
        sample->tls_us = secured_us - connected_us;
    }
    if (sample->reused) {
        sample->dns_us = 0;
        sample->connect_us = 0;
        sample->tls_us = 0;
    }
}

static void fill_answer(const struct probe *probe, int64_t now_us, bool whole,
                        struct sample *sample)
{
    if (probe->connect_only) {
        int32_t handshake_us = sample->tls_us > 0 ? sample->tls_us : 0;
        sample->first_byte_us = whole ? sample->connect_us + handshake_us : -1;
        sample->total_us = sample->first_byte_us;
        return;
    }
    if (probe->first_byte_us != 0) {
        sample->first_byte_us = since(probe->sent_us, probe->first_byte_us);
    }
    if (whole && probe->sent_us != 0) {
        sample->total_us = since(probe->sent_us, now_us);
    }
}

void probe_phases_get(const struct probe *probe, bool expired, CURLcode code,
                      struct probe_phases *ret_phases)
{
    int64_t now_us = probe_now_us();
    bool whole = !expired && (code == CURLE_OK || probe->body_cut);
    *ret_phases = (struct probe_phases){
        .elapsed_us = since(probe->started_us, now_us),
        .stage = stage_of(probe),
        .expired = expired,
        .code = whole ? CURLE_OK : code,
        .os_error = (int)long_of(probe, CURLINFO_OS_ERRNO),
        .no_socket = probe->opened_first_us == 0 && code == CURLE_COULDNT_CONNECT,
        .connect_only = probe->connect_only,
        .proxied = probe->proxied,
        .proxy_status = (int)long_of(probe, CURLINFO_HTTP_CONNECTCODE),
        .step = probe->talk.step,
    };
    struct sample *sample = &ret_phases->sample;
    sample->dns_us = -1;
    sample->connect_us = -1;
    sample->tls_us = -1;
    sample->first_byte_us = -1;
    sample->total_us = -1;
    sample->late_ms = (int32_t)(probe->late_us / US_PER_MS);
    sample->status = (int32_t)long_of(probe, CURLINFO_RESPONSE_CODE);
    sample->reused = probe->sent_us != 0 && long_of(probe, CURLINFO_NUM_CONNECTS) == 0;
    fill_connection(probe, sample);
    fill_answer(probe, now_us, whole, sample);
}
