#include "tests/lab/chaos/setting.h"

#include "common/check.h"
#include "common/errors.h"
#include "tests/lab/base/json.h"

enum { STALL_MS_DEFAULT = 300, MS_MAX = 3600 * 1000 };

static const char *const cut_names[CUT_N] = {"no", "both", "up", "down"};

struct setting setting_default(void)
{
    return (struct setting){.stall_ms = STALL_MS_DEFAULT};
}

static int cut_read(const cJSON *object, enum cut *cut, struct text *why)
{
    const char *word = NULL;
    size_t index = 0;

    if (json_text_read(object, "cut", &word, why) != 0)
        return ERR_INVALID;
    if (word == NULL)
        return 0;
    if (json_word_find("cut", word, cut_names, CUT_N, &index, why) != 0)
        return ERR_INVALID;
    *cut = (enum cut)index;
    return 0;
}

int setting_merge(struct setting *setting, const cJSON *object, struct text *why)
{
    static const char *const keys[] = {"listen",   "delay_ms", "jitter_ms", "loss_percent",
                                       "stall_ms", "cut",      "refuse"};
    struct setting merged = *setting;

    if (json_object_check(object, keys, ARRAY_COUNT(keys), why) != 0 ||
        json_number_read(object, "delay_ms", 0, MS_MAX, &merged.delay_ms, why) != 0 ||
        json_number_read(object, "jitter_ms", 0, MS_MAX, &merged.jitter_ms, why) != 0 ||
        json_number_read(object, "loss_percent", 0, 100, &merged.loss_percent, why) != 0 ||
        json_number_read(object, "stall_ms", 0, MS_MAX, &merged.stall_ms, why) != 0 ||
        cut_read(object, &merged.cut, why) != 0 ||
        json_bool_read(object, "refuse", &merged.refuse, why) != 0)
        return ERR_INVALID;
    *setting = merged;
    return 0;
}

void setting_describe(const struct setting *setting, cJSON *object)
{
    (void)cJSON_AddNumberToObject(object, "delay_ms", (double)setting->delay_ms);
    (void)cJSON_AddNumberToObject(object, "jitter_ms", (double)setting->jitter_ms);
    (void)cJSON_AddNumberToObject(object, "loss_percent", (double)setting->loss_percent);
    (void)cJSON_AddNumberToObject(object, "stall_ms", (double)setting->stall_ms);
    (void)cJSON_AddStringToObject(object, "cut", cut_names[setting->cut]);
    (void)cJSON_AddBoolToObject(object, "refuse", setting->refuse);
}
