#include "node/io/preflight/page.h"

#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "node/io/act/json.h"

int preflight_page_take(struct preflight_page *page, const char *text, size_t length)
{
    page->text = malloc(length + 1);
    if (page->text == NULL)
        return ERR_NO_MEMORY;
    memcpy(page->text, text, length);
    page->text[length] = '\0';
    page->length = length;
    if (json_parse(page->text, length, &page->json) == 0)
        return 0;
    page->result = ROUTE_RESULT_UNKNOWN;
    text_set(&page->why, "the answer is not JSON");
    return 0;
}

void preflight_page_fini(struct preflight_page *page)
{
    free(page->text);
    cJSON_Delete(page->json);
    *page = (struct preflight_page){0};
}
