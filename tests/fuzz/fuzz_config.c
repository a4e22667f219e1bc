#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "node/io/act/routing.h"
#include "node/io/config/config.h"
#include "tests/fuzz/memory_file.h"

/* What `check` does with a configuration that loads. */
static void look_through(const struct config *config)
{
    CLEANUP(cleanup_fclose) FILE *out = fopen("/dev/null", "we");
    struct text why = {.length = 0};
    CHECK(out != NULL && config->service_count > 0 && config->node_count > 0);
    config_explain_timing(config, out);
    for (size_t i = 0; i < config->service_count; i++)
        CHECK(routing_check_service(&config->services[i], &why) == 0 || why.length > 0);
}

/* Where the file could name other files, no credential is read: the machine's files are not part of
 * the input. */
static const char *node_to_load(const uint8_t *bytes, size_t length)
{
    bool may_name_files = memmem(bytes, length, "file", 4) != NULL ||
                          memmem(bytes, length, "credential", 10) != NULL ||
                          memchr(bytes, '\\', length) != NULL;
    return may_name_files ? NULL : "fra";
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    CLEANUP(config_free) struct config *config = NULL;
    struct config_problems problems = {.count = 0};
    struct memory_file file;
    memory_file_open(&file, bytes, length);
    int error = config_load(file.path, node_to_load(bytes, length), &config, &problems);
    memory_file_close(&file);
    CHECK((error == 0) == (config != NULL) && (error == 0) == (problems.count == 0));
    if (error == 0)
        look_through(config);
    return 0;
}
