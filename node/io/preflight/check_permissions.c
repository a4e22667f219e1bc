/* permissions: by the roles that the client itself can read, else by what reading has proved. */
#include "node/io/preflight/check.h"
#include "node/io/preflight/permission.h"

static bool is_held(const struct preflight_platform *platform, const struct permission_need *need)
{
    for (size_t i = 0; i < 3 && need->names[i] != NULL; i++)
        if (permission_allows(platform->policies, need->names[i]))
            return true;
    return need->proved;
}

static void list_missing(const struct preflight_platform *platform,
                         const struct permission_need *needs, size_t count, bool required,
                         struct text *ret_names)
{
    for (size_t i = 0; i < count; i++)
        if (needs[i].required == required && !is_held(platform, &needs[i]))
            text_add(ret_names, "%s%s", ret_names->length > 0 ? ", " : "", needs[i].names[0]);
}

static void judge_policies(const struct preflight_platform *platform,
                           const struct permission_need *needs, size_t count,
                           struct preflight_row *row)
{
    struct text required = {.length = 0};
    struct text optional = {.length = 0};
    list_missing(platform, needs, count, true, &required);
    list_missing(platform, needs, count, false, &optional);
    if (required.length > 0) {
        row_say(row, PREFLIGHT_FAIL, "the client's roles lack %s", required.bytes);
        text_set(&row->todo, "a move needs them: add them to a role of the OAuth client, in the "
                             "divisions of the routes");
    } else if (optional.length > 0) {
        row_say(row, PREFLIGHT_WARN, "what a move needs is there; these checks see less without %s",
                optional.bytes);
        text_set(&row->todo, "add them to a role of the OAuth client");
    } else {
        row_say(row, PREFLIGHT_PASS, "the client's roles have all that moves and checks need");
    }
}

static void say_unproved(const struct preflight_platform *platform,
                         const struct permission_need *needs, size_t count,
                         struct preflight_row *row)
{
    struct text unproved = {.length = 0};
    list_missing(platform, needs, count, true, &unproved);
    if (unproved.length == 0) {
        row_say(row, PREFLIGHT_PASS, "reading has proved all that a move needs");
        return;
    }
    row_say(row, PREFLIGHT_WARN,
            "%s cannot be proved without writing, and the client's roles "
            "cannot be read%s%s",
            unproved.bytes, platform->subject.why.length > 0 ? ": " : "",
            platform->subject.why.bytes);
    text_set(&row->todo, "look at the roles of the OAuth client by hand");
}

void judge_permissions(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    const struct preflight_platform *platform = &facts->platforms[at];
    struct permission_need needs[PERMISSION_NEED_COUNT_MAX];
    if (!preflight_is_genesys(facts, at)) {
        row_say(row, PREFLIGHT_SKIP, "only Genesys Cloud tells a client's permissions");
        return;
    }
    if (!platform->subject.asked) {
        row_say(row, PREFLIGHT_SKIP, "not asked: see the rows above");
        return;
    }
    size_t count = permission_needs(facts, at, needs);
    if (platform->policies != NULL)
        judge_policies(platform, needs, count, row);
    else
        say_unproved(platform, needs, count, row);
}
