#include "tests/cluster/context_load/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/ask.h"
#include "tests/lab/base/clock.h"
#include "tests/lab/test/assert.h"

#define CONTENT_TYPE "Content-Type: application/json"
#define WRITER "Authorization: Bearer " CLUSTER_CONTEXT_WRITE_TOKEN
#define READER "Authorization: Bearer " CLUSTER_CONTEXT_READ_TOKEN

enum { POLL_MS = 5, AGAIN_MS = 50, TIMEOUT_MS = 5000 };

static size_t keep_reply(char *bytes, size_t one, size_t length, void *data)
{
    struct load_slot *slot = data;
    (void)one;
    size_t room = sizeof slot->reply - 1 - slot->reply_length;
    size_t kept = length < room ? length : room;
    memcpy(slot->reply + slot->reply_length, bytes, kept);
    slot->reply_length += kept;
    slot->reply[slot->reply_length] = '\0';
    return length;
}

static void prepare_slot(struct load *load, struct load_slot *slot)
{
    slot->load = load;
    slot->easy = curl_easy_init();
    assert_non_null(slot->easy);
    slot->headers = curl_slist_append(NULL, WRITER);
    slot->headers = curl_slist_append(slot->headers, CONTENT_TYPE);
    slot->headers = curl_slist_append(slot->headers, "Expect:");
    curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
    curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, keep_reply);
    curl_easy_setopt(slot->easy, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(slot->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(slot->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(slot->easy, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
}

void load_open(struct load *load, struct cluster *cluster, size_t conversation_count,
               time_ms every_ms)
{
    time_ms now_ms = clock_boot_ms();
    *load = (struct load){
        .cluster = cluster, .conversation_count = conversation_count, .every_ms = every_ms};
    prng_init(&load->prng, 1);
    load->multi = curl_multi_init();
    load->conversations = calloc(conversation_count, sizeof *load->conversations);
    assert_non_null(load->multi);
    assert_non_null(load->conversations);
    for (size_t i = 0; i < LOAD_SLOT_COUNT; i++)
        prepare_slot(load, &load->slots[i]);
    for (size_t i = 0; i < conversation_count; i++)
        load->conversations[i].due_ms =
            now_ms + (time_ms)prng_below(&load->prng, (uint64_t)every_ms);
}

void load_close(struct load *load)
{
    for (size_t i = 0; i < LOAD_SLOT_COUNT; i++) {
        struct load_slot *slot = &load->slots[i];
        if (slot->busy)
            (void)curl_multi_remove_handle(load->multi, slot->easy);
        curl_easy_cleanup(slot->easy);
        curl_slist_free_all(slot->headers);
    }
    (void)curl_multi_cleanup(load->multi);
    free(load->conversations);
}

static struct load_slot *free_slot(struct load *load)
{
    for (size_t i = 0; i < LOAD_SLOT_COUNT; i++)
        if (!load->slots[i].busy)
            return &load->slots[i];
    return NULL;
}

/* Any node that runs, as a load balancer would choose one. */
static size_t choose_node(struct load *load)
{
    size_t place = prng_below(&load->prng, load->cluster->node_count);
    while (!node_is_running(load->cluster, place))
        place = (place + 1) % load->cluster->node_count;
    return place;
}

static void send_checkpoint(struct load *load, struct load_slot *slot, size_t index)
{
    struct conversation *conversation = &load->conversations[index];
    size_t place = choose_node(load);
    slot->conversation = index;
    slot->busy = true;
    slot->reply_length = 0;
    (void)snprintf(slot->url, sizeof slot->url, "http://127.0.0.1:%u/v1/contexts/caller-%zu",
                   (unsigned)load->cluster->nodes[place].api_port, index);
    (void)snprintf(slot->body, sizeof slot->body,
                   "{\"seq\":%u,\"step\":\"payment_collection\",\"conversation\":\"c-%zu\","
                   "\"fields\":{\"accountNumber\":{\"value\":\"%08zu\",\"secret\":true},"
                   "\"issueType\":\"billing\",\"checkpoint\":\"%zu-%u\",\"attempts\":2,"
                   "\"hasCompletedOnboarding\":true}}",
                   conversation->seq, index, index, index, conversation->seq);
    curl_easy_setopt(slot->easy, CURLOPT_URL, slot->url);
    curl_easy_setopt(slot->easy, CURLOPT_CUSTOMREQUEST, "PUT");
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, slot->body);
    assert_int_equal(curl_multi_add_handle(load->multi, slot->easy), CURLM_OK);
}

static void count_ms(uint64_t times[LOAD_TOOK_MAX_MS + 1], time_ms took_ms)
{
    times[took_ms > LOAD_TOOK_MAX_MS ? LOAD_TOOK_MAX_MS : took_ms]++;
}

static void end_checkpoint(struct load *load, struct load_slot *slot, CURLcode code)
{
    struct conversation *conversation = &load->conversations[slot->conversation];
    time_ms now_ms = clock_boot_ms();
    curl_off_t took_us = 0;
    long status = 0;
    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(slot->easy, CURLINFO_TOTAL_TIME_T, &took_us);
    conversation->open = false;
    if (code == CURLE_OK && status == 200 && strstr(slot->reply, "\"stored\":true") != NULL) {
        conversation->acked = conversation->seq;
        conversation->due_ms = conversation->begun_ms + load->every_ms;
        load->acknowledged++;
        count_ms(load->took, (time_ms)((took_us + 999) / 1000));
        count_ms(load->waited, now_ms - conversation->begun_ms);
        conversation->begun_ms = 0;
        return;
    }
    if (code == CURLE_OK && status != 503)
        fail_msg("%s: %ld: %s", slot->url, status, slot->reply);
    conversation->due_ms = now_ms + AGAIN_MS;
    load->again++;
}

static void take_ended(struct load *load)
{
    CURLMsg *message = NULL;
    int left = 0;
    while ((message = curl_multi_info_read(load->multi, &left)) != NULL) {
        struct load_slot *slot = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
        (void)curl_multi_remove_handle(load->multi, slot->easy);
        slot->busy = false;
        end_checkpoint(load, slot, code);
    }
}

static void begin_due(struct load *load, time_ms now_ms)
{
    for (size_t i = 0; i < load->conversation_count; i++) {
        struct conversation *conversation = &load->conversations[i];
        if (conversation->open || conversation->due_ms > now_ms)
            continue;
        struct load_slot *slot = free_slot(load);
        if (slot == NULL)
            return;
        if (conversation->begun_ms == 0) {
            conversation->begun_ms = now_ms;
            conversation->seq++;
        }
        conversation->open = true;
        send_checkpoint(load, slot, i);
    }
}

static void turn(struct load *load)
{
    int running = 0;
    (void)curl_multi_perform(load->multi, &running);
    take_ended(load);
    (void)curl_multi_poll(load->multi, NULL, 0, POLL_MS, NULL);
}

void load_run_until(struct load *load, time_ms until_ms)
{
    while (clock_boot_ms() < until_ms) {
        begin_due(load, clock_boot_ms());
        turn(load);
    }
}

static bool is_settled(const struct load *load)
{
    for (size_t i = 0; i < LOAD_SLOT_COUNT; i++)
        if (load->slots[i].busy)
            return false;
    return true;
}

void load_settle(struct load *load)
{
    time_ms until_ms = clock_boot_ms() + 2 * TIMEOUT_MS;
    while (!is_settled(load) && clock_boot_ms() < until_ms)
        turn(load);
    assert_true(is_settled(load));
}

/* What is read is at least what was acknowledged, and is what was written under its seq. */
static bool is_kept(const struct conversation *conversation, size_t index, const char *reply)
{
    char value[64];
    cJSON *page = cJSON_Parse(reply);
    unsigned seq = page != NULL ? (unsigned)client_number(page, "seq") : 0;
    (void)snprintf(value, sizeof value, "%zu-%u", index, seq);
    bool kept = seq >= conversation->acked && seq <= conversation->seq &&
                strcmp(client_text(cJSON_GetObjectItem(page, "fields"), "checkpoint"), value) == 0;
    cJSON_Delete(page);
    return kept;
}

size_t load_count_lost(struct load *load, size_t place)
{
    struct load_slot *slot = &load->slots[0];
    struct curl_slist *headers = curl_slist_append(NULL, READER);
    size_t lost = 0;
    curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(slot->easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(slot->easy, CURLOPT_CUSTOMREQUEST, NULL);
    for (size_t i = 0; i < load->conversation_count; i++) {
        if (load->conversations[i].acked == 0)
            continue;
        (void)snprintf(slot->url, sizeof slot->url, "http://127.0.0.1:%u/v1/contexts/caller-%zu",
                       (unsigned)load->cluster->nodes[place].api_port, i);
        slot->reply_length = 0;
        curl_easy_setopt(slot->easy, CURLOPT_URL, slot->url);
        if (curl_easy_perform(slot->easy) != CURLE_OK ||
            !is_kept(&load->conversations[i], i, slot->reply))
            lost++;
    }
    curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
    curl_slist_free_all(headers);
    return lost;
}

time_ms load_percentile(const uint64_t times[LOAD_TOOK_MAX_MS + 1], double percent)
{
    uint64_t all = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i <= LOAD_TOOK_MAX_MS; i++)
        all += times[i];
    for (size_t i = 0; i <= LOAD_TOOK_MAX_MS; i++) {
        sum += times[i];
        if ((double)sum >= (double)all * percent / 100)
            return (time_ms)i;
    }
    return LOAD_TOOK_MAX_MS;
}
