#include <string.h>

#include "node/io/act/json.h"
#include "node/io/preflight/run_parts.h"

struct scan {
    struct preflight_run *run;
    size_t platform;
    const struct entrance_kind *kind;
    struct entrance_list *list;
};

static void note(struct scan *scan, const struct preflight_page *page)
{
    if (!page->asked) {
        scan->list->cut = true;
    } else if (page->result != ROUTE_RESULT_OK && scan->list->result == ROUTE_RESULT_OK) {
        scan->list->result = page->result;
        scan->list->why = page->why;
    }
}

static void make_url(const struct scan *scan, const char *parent, int number, struct url *url)
{
    const struct entrance_kind *kind = scan->kind;
    url_begin(url, &scan->run->config->platforms[scan->platform]);
    url_add(url, kind->list != NULL ? kind->list : kind->outer);
    if (kind->list == NULL) {
        url_add(url, "/");
        url_add_escaped(url, parent);
        url_add(url, "/");
        url_add(url, kind->inner);
    }
    run_add_paging(url, "?", kind->page_size, number);
    if (kind->query != NULL) {
        url_add(url, "&");
        url_add(url, kind->query);
    }
}

/* Lists without page numbers say where they go on. Returns false where that is nowhere to ask. */
static bool follow(const struct scan *scan, const char *parent, const cJSON *page, int number,
                   struct url *url)
{
    const char *next = json_get_string(page, "nextUri");
    if (cJSON_GetObjectItemCaseSensitive(page, "pageCount") != NULL) {
        make_url(scan, parent, number, url);
        return true;
    }
    if (next == NULL || strncmp(next, "/api/", 5) != 0)
        return false;
    url_begin(url, &scan->run->config->platforms[scan->platform]);
    url_add(url, next);
    return true;
}

/* All entities of one list. `parent` is "" where the kind has none. Returns false where the list
 * could not be read. */
static bool scan_list(struct scan *scan, const char *parent)
{
    struct url url;
    make_url(scan, parent, 1, &url);
    for (int number = 1; number <= RUN_PAGE_COUNT_MAX; number++) {
        struct preflight_page page;
        run_ask(scan->run, scan->platform, &url, &page);
        bool ok = page.asked && page.result == ROUTE_RESULT_OK;
        note(scan, &page);
        if (ok)
            entrances_take(&scan->run->platforms[scan->platform].entrances, scan->run->config,
                           scan->platform, scan->kind, parent, page.json);
        bool more = ok && run_has_more(page.json, number);
        bool lost = more && !follow(scan, parent, page.json, number + 1, &url);
        preflight_page_fini(&page);
        scan->list->cut = scan->list->cut || lost;
        if (!more || lost)
            return ok;
    }
    scan->list->cut = true;
    return true;
}

/* Returns false where the rest of the parents need not be asked for. */
static bool scan_parents(struct scan *scan, const cJSON *page)
{
    const cJSON *parent = NULL;
    cJSON_ArrayForEach(parent, cJSON_GetObjectItemCaseSensitive(page, "entities"))
    {
        const char *id = entrance_id(parent);
        if (id != NULL && !scan_list(scan, id))
            return false;
    }
    return true;
}

static void scan_outer(struct scan *scan)
{
    for (int number = 1; number <= RUN_PAGE_COUNT_MAX; number++) {
        struct preflight_page page;
        struct url url;
        url_begin(&url, &scan->run->config->platforms[scan->platform]);
        url_add(&url, scan->kind->outer);
        run_add_paging(&url, "?", scan->kind->page_size, number);
        run_ask(scan->run, scan->platform, &url, &page);
        note(scan, &page);
        bool more = page.asked && page.result == ROUTE_RESULT_OK && scan_parents(scan, page.json) &&
                    run_has_more(page.json, number);
        preflight_page_fini(&page);
        if (!more)
            return;
    }
    scan->list->cut = true;
}

void run_learn_entrances(struct preflight_run *run, size_t platform)
{
    struct entrances *entrances = &run->platforms[platform].entrances;
    for (size_t i = 0; i < ENTRANCE_KIND_COUNT; i++) {
        struct scan scan = {.run = run,
                            .platform = platform,
                            .kind = entrance_kind_at(i),
                            .list = &entrances->lists[i]};
        if (scan.list->asked)
            continue;
        scan.list->asked = true;
        if (scan.kind->list != NULL)
            (void)scan_list(&scan, "");
        else
            scan_outer(&scan);
    }
}
