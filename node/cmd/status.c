#include "node/cmd/client.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"

#include <string.h>

static time_ms member_ms(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(member) ? (time_ms)member->valuedouble : -1;
}

static void print_node(const cJSON *page)
{
    const char *leader = member_string(page, "leader");
    const char *why = member_string(page, "condition_why");
    char ago[AGO_SIZE];
    printf("node     %s, %s%s%s, up %s\n", member_string(page, "node"),
           member_string(page, "condition"), why[0] != '\0' ? ": " : "", why,
           terminal_time(member_ms(page, "up_ms"), ago));
    printf("cluster  %s %s\n", member_string(page, "cluster"), member_string(page, "cluster_id"));
    if (cJSON_GetObjectItemCaseSensitive(page, "role") == NULL)
        return;
    printf("leader   %s in term %.0f; this node is %s%s, its answer is %s\n",
           leader[0] != '\0' ? leader : "none known", member_number(page, "term"),
           member_string(page, "role"),
           strcmp(member_string(page, "member"), "learner") == 0 ? " and a learner" : "",
           member_true(page, "as_of_leader") ? "the leader's" : "as old as its ledger");
    if (member_true(page, "voters_differ"))
        printf("warning  the file's voters are not the ledger's; the ledger's count\n");
}

static void print_handover(const cJSON *handover)
{
    char ago[AGO_SIZE];
    if (cJSON_IsObject(handover))
        printf("gave up  leadership %s to %s, because it could not act\n",
               terminal_ago(member_ms(handover, "ago_ms"), ago), member_string(handover, "to"));
}

static void print_hold(const cJSON *hold)
{
    char left[AGO_SIZE];
    if (!cJSON_IsObject(hold))
        return;
    printf("ON HOLD  all services, by %s: \"%s\", %s%s\n", member_string(hold, "actor"),
           member_string(hold, "reason"),
           member_true(hold, "indefinite") ? "until it is released" : "for ",
           member_true(hold, "indefinite") ? "" : terminal_time(member_ms(hold, "left_ms"), left));
}

static void print_ledger(const cJSON *page)
{
    const cJSON *ledger = cJSON_GetObjectItemCaseSensitive(page, "ledger");
    const cJSON *quorum = cJSON_GetObjectItemCaseSensitive(page, "quorum");
    const cJSON *proof = cJSON_GetObjectItemCaseSensitive(page, "proof");
    char ago[AGO_SIZE];
    if (ledger == NULL)
        return;
    printf("ledger   last %.0f, committed %.0f, applied %.0f, hash %s\n",
           member_number(ledger, "last"), member_number(ledger, "commit"),
           member_number(ledger, "applied"), member_string(ledger, "hash"));
    printf("quorum   %s: %.0f of %.0f nodes needed\n", member_true(quorum, "has") ? "yes" : "NO",
           member_number(quorum, "needed"), member_number(quorum, "voters"));
    printf("proof    %s, %s\n",
           member_true(proof, "ok") ? "this node could act" : "this node could NOT act",
           terminal_ago(member_ms(proof, "ago_ms"), ago));
    print_handover(cJSON_GetObjectItemCaseSensitive(page, "handover"));
    print_hold(cJSON_GetObjectItemCaseSensitive(page, "hold"));
}

/* How far a learner has come is the leader's to know. */
static void cell_member(struct table *table, const cJSON *peer)
{
    const char *member = member_string(peer, "member");
    const cJSON *behind = cJSON_GetObjectItemCaseSensitive(peer, "behind");
    if (strcmp(member, "learner") == 0 && cJSON_IsNumber(behind))
        table_cell(table, "learner, %.0f behind", behind->valuedouble);
    else
        table_cell(table, "%s", member[0] != '\0' ? member : "-");
}

static void print_peers(const cJSON *page)
{
    struct table table = {.row_count = 0};
    const cJSON *peer = NULL;
    table_row(&table);
    table_cell(&table, "PEER");
    table_cell(&table, "ZONE");
    table_cell(&table, "MEMBER");
    table_cell(&table, "ROUND TRIP");
    table_cell(&table, "HEARD");
    table_cell(&table, "CAN ACT");
    cJSON_ArrayForEach(peer, cJSON_GetObjectItemCaseSensitive(page, "peers"))
    {
        const cJSON *rtt = cJSON_GetObjectItemCaseSensitive(peer, "rtt_ms");
        char ago[AGO_SIZE];
        table_row(&table);
        table_cell(&table, "%s", member_string(peer, "node"));
        table_cell(&table, "%s", member_string(peer, "zone"));
        cell_member(&table, peer);
        if (cJSON_IsNumber(rtt))
            table_cell(&table, "%.1f ms", rtt->valuedouble);
        else
            table_cell(&table, "-");
        table_cell(&table, "%s", terminal_ago(member_ms(peer, "heard_ago_ms"), ago));
        table_cell(&table, "%s", member_true(peer, "can_act") ? "yes" : "no");
    }
    if (table.row_count > 1)
        printf("\n");
    table_print(&table);
}

/* What each platform says of its limits: "17 of 300, reset in 42 s". */
static void cell_rate(struct table *table, const cJSON *rate)
{
    const cJSON *used = cJSON_GetObjectItemCaseSensitive(rate, "used");
    const cJSON *allowed = cJSON_GetObjectItemCaseSensitive(rate, "allowed");
    if (cJSON_IsNumber(used) && cJSON_IsNumber(allowed))
        table_cell(table, "%.0f of %.0f, reset in %.0f s", used->valuedouble, allowed->valuedouble,
                   member_number(rate, "reset_s"));
    else if (cJSON_IsNumber(allowed))
        table_cell(table, "of %.0f", allowed->valuedouble);
    else
        table_cell(table, "-");
}

static void print_platforms(const cJSON *page)
{
    struct table table = {.row_count = 0};
    const cJSON *platform = NULL;
    table_row(&table);
    table_cell(&table, "PLATFORM");
    table_cell(&table, "API");
    table_cell(&table, "USED");
    table_cell(&table, "429");
    table_cell(&table, "HELD BACK");
    cJSON_ArrayForEach(platform, cJSON_GetObjectItemCaseSensitive(page, "platforms"))
    {
        const cJSON *rate = cJSON_GetObjectItemCaseSensitive(platform, "rate");
        table_row(&table);
        table_cell(&table, "%s", member_string(platform, "name"));
        table_cell(&table, "%s", member_string(platform, "api_url"));
        cell_rate(&table, rate);
        table_cell(&table, "%.0f", member_number(rate, "limited"));
        table_cell(&table, "%.0f", member_number(rate, "held"));
    }
    if (table.row_count > 1)
        printf("\n");
    table_print(&table);
}

static void print_services(const cJSON *page)
{
    static const char *const heads[] = {"SERVICE", "STATE",   "SERVING", "ROUTE",
                                        "MODE",    "PRIMARY", "STANDBY", "MOVE"};
    struct table table = {.row_count = 0};
    const cJSON *service = NULL;
    table_row(&table);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        table_cell(&table, "%s", heads[i]);
    cJSON_ArrayForEach(service, cJSON_GetObjectItemCaseSensitive(page, "services"))
    {
        const cJSON *rolling = cJSON_GetObjectItemCaseSensitive(service, "rolling");
        const char *move = member_string(service, "move");
        table_row(&table);
        table_cell(&table, "%s", member_string(service, "name"));
        table_cell(&table, "%s%s", member_string(service, "condition"),
                   member_true(service, "hold") ? " (on hold)" : "");
        table_cell(&table, "%s", member_string(service, "serving"));
        table_cell(&table, "%s", member_string(service, "route"));
        table_cell(&table, "%s", member_string(service, "mode"));
        table_cell(&table, "%s", member_string(rolling, "primary"));
        table_cell(&table, "%s", member_string(rolling, "standby"));
        table_cell(&table, "%s", move[0] != '\0' ? move : "-");
    }
    if (table.row_count > 1)
        printf("\n");
    table_print(&table);
}

static void print_warnings(const cJSON *page)
{
    const cJSON *warning = NULL;
    const char *before = "\n";
    cJSON_ArrayForEach(warning, cJSON_GetObjectItemCaseSensitive(page, "warnings"))
    {
        printf("%swarning  %s: %s\n", before, member_string(warning, "service"),
               member_string(warning, "text"));
        before = "";
    }
}

/* What the leader's daily preflight found; other nodes have none. */
static void print_preflight(const cJSON *service)
{
    const cJSON *preflight = cJSON_GetObjectItemCaseSensitive(service, "preflight");
    const char *failing = member_string(preflight, "failing");
    char ago[AGO_SIZE];
    if (!cJSON_IsObject(preflight))
        return;
    printf("preflight %s: ", member_string(service, "name"));
    terminal_word(member_string(preflight, "result"), 0);
    printf(", %.0f failed%s%s%s, %.0f warned, %s\n", member_number(preflight, "failed"),
           failing[0] != '\0' ? " (" : "", failing, failing[0] != '\0' ? ")" : "",
           member_number(preflight, "warned"), terminal_ago(member_ms(preflight, "ago_ms"), ago));
}

static void print_preflights(const cJSON *page)
{
    const cJSON *service = NULL;
    bool first = true;
    cJSON_ArrayForEach(service, cJSON_GetObjectItemCaseSensitive(page, "services"))
    {
        if (first && cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(service, "preflight"))) {
            printf("\n");
            first = false;
        }
        print_preflight(service);
    }
}

/* The routes of a service that should be one, where they differ. */
static void print_half_moved(const cJSON *page)
{
    const cJSON *service = NULL;
    const cJSON *route = NULL;
    cJSON_ArrayForEach(service, cJSON_GetObjectItemCaseSensitive(page, "services"))
    {
        const char *before = ": ";
        if (strcmp(member_string(service, "route"), "mixed") != 0)
            continue;
        printf("\n%s is half-moved", member_string(service, "name"));
        cJSON_ArrayForEach(route, cJSON_GetObjectItemCaseSensitive(service, "routes"))
        {
            printf("%s%s shows %s", before, member_string(route, "name"),
                   member_string(route, "state"));
            before = ", ";
        }
        printf("\n");
    }
}

/* Counters that should be zero are shown only where they are not. */
static void print_drops(const cJSON *page)
{
    const cJSON *drop = NULL;
    const char *before = "\ndropped frames: ";
    cJSON_ArrayForEach(drop, cJSON_GetObjectItemCaseSensitive(page, "drops"))
    {
        if (!cJSON_IsNumber(drop) || drop->valuedouble < 1)
            continue;
        printf("%s%s %.0f", before, drop->string, drop->valuedouble);
        before = ", ";
    }
    if (before[0] == ',')
        printf("\n");
}

static enum exit_code run(const struct arguments *arguments)
{
    struct client_answer answer = {.status = 0};
    bool shown = false;
    enum exit_code code = client_get(arguments, "/v1/status", &answer, &shown);
    if (!shown) {
        print_node(answer.json);
        print_ledger(answer.json);
        print_peers(answer.json);
        print_platforms(answer.json);
        print_services(answer.json);
        print_half_moved(answer.json);
        print_preflights(answer.json);
        print_warnings(answer.json);
        print_drops(answer.json);
    }
    client_answer_clear(&answer);
    return code;
}

const struct subcommand command_status = {
    .name = "status",
    .arguments = "[--json] [--node NAME] [--config FILE] [--api URL]",
    .summary = "Shows the node, its cluster, its peers and the services",
    .help =
        "The last ballots of each side stand from the oldest to the newest: F failed, P passed,\n"
        "a dot for none.\n\n"
        "  quorate status\n"
        "  quorate status --json | jq .services\n",
    .options = OPTIONS_CLIENT,
    .run = run,
};
