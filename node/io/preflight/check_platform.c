/* credentials: is a token given, and to whom. */
#include "node/io/act/json.h"
#include "node/io/preflight/check.h"
#include "node/io/preflight/words.h"

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

static void say_who(const struct preflight_page *me, struct preflight_row *row)
{
    const char *client = json_get_string(member(me->json, "OAuthClient"), "name");
    const char *organization = json_get_string(member(me->json, "organization"), "name");
    row_say(row, PREFLIGHT_PASS, "a token was given");
    if (client != NULL) {
        text_add(&row->found, " to the OAuth client ");
        words_add(&row->found, client);
    }
    if (organization != NULL) {
        text_add(&row->found, " of ");
        words_add(&row->found, organization);
    }
}

static bool waits_for_cluster(const struct preflight_facts *facts, size_t at)
{
    const struct platform_config *platform = &facts->config->platforms[at];
    return facts->alone && platform->grant == GRANT_REFRESH_TOKEN &&
           platform->fallback_id[0] == '\0';
}

static void say_refused(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    const char *name = facts->config->platforms[at].name.text;
    row_say(row, PREFLIGHT_FAIL, "%s", facts->platforms[at].me.why.bytes);
    text_set(&row->todo,
             "check region, client_id and client_secret of platforms.%s, and that the client is "
             "active; a wrong region is the commonest cause",
             name);
}

void judge_credentials(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    const struct preflight_page *me = &facts->platforms[at].me;
    if (!me->asked) {
        row_say(row, PREFLIGHT_SKIP, "not asked");
    } else if (me->result == ROUTE_RESULT_OK) {
        say_who(me, row);
    } else if (me->result == ROUTE_RESULT_NOT_FOUND) {
        row_say(row, PREFLIGHT_PASS,
                "a token was given; by its answers the platform is no Genesys Cloud");
    } else if (waits_for_cluster(facts, at)) {
        row_say(row, PREFLIGHT_SKIP,
                "the refresh token is the cluster's: the leader's own preflight asks with it");
    } else if (me->result == ROUTE_RESULT_UNAUTHORIZED) {
        say_refused(facts, at, row);
    } else {
        row_say(row, PREFLIGHT_FAIL, "%s", me->why.bytes);
        text_set(&row->todo, "this node must reach the login and API hosts of platforms.%s",
                 facts->config->platforms[at].name.text);
    }
}
