#include "tests/lab/test/chaos_fixture.h"

#include "common/text.h"
#include "tests/lab/test/assert.h"

void chaos_start(struct chaos_process *chaos, uint16_t target_port)
{
    struct text ports[CHAOS_PAIRS] = {0};
    struct text control_port = {0};
    struct text target = {0};
    const char *argv[] = {LAB_DIR "/chaos", "--listen",       ports[0].bytes,     "--to",
                          target.bytes,     "--listen",       ports[1].bytes,     "--to",
                          target.bytes,     "--control-port", control_port.bytes, NULL};

    chaos->ports[0] = process_port_find();
    do
        chaos->ports[1] = process_port_find();
    while (chaos->ports[1] == chaos->ports[0]);
    do
        chaos->control_port = process_port_find();
    while (chaos->control_port == chaos->ports[0] || chaos->control_port == chaos->ports[1]);
    text_set(&target, "127.0.0.1:%u", (unsigned)target_port);
    text_set(&control_port, "%u", (unsigned)chaos->control_port);
    for (size_t i = 0; i < CHAOS_PAIRS; i++)
        text_set(&ports[i], "%u", (unsigned)chaos->ports[i]);
    process_start(&chaos->process, argv);
}

void chaos_stop(struct chaos_process *chaos)
{
    assert_int_equal(process_stop(&chaos->process, NULL), 0);
}

void chaos_set(const struct chaos_process *chaos, const char *json)
{
    cJSON_Delete(client_json(chaos->control_port, "POST", "/set", json, 200));
}

double chaos_count(const struct chaos_process *chaos, const char *direction, const char *key)
{
    cJSON *body = client_json(chaos->control_port, "GET", "/state", NULL, 200);
    const cJSON *pair = cJSON_GetArrayItem(cJSON_GetObjectItem(body, "pairs"), 0);
    const cJSON *object = direction == NULL ? pair : cJSON_GetObjectItem(pair, direction);
    double count = client_number(object, key);

    cJSON_Delete(body);
    return count;
}
