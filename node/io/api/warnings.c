#include "node/io/api/warnings.h"

#include <inttypes.h>

#include "common/duration.h"
#include "node/io/api/json_add.h"
#include "node/io/config/endpoint.h"

/* What is left of the certificate that the side's endpoint last showed to this node. Returns false
 * where none was seen. */
static bool left_of(const struct node_view *view, size_t place, int side, int64_t *ret_left_s)
{
    if (view->certificates == NULL || view->certificates->end_s[place][side] == 0)
        return false;
    *ret_left_s = view->certificates->end_s[place][side] - view->wall_ms / 1000;
    return true;
}

static void add_warning(cJSON *list, const struct service_config *service, int side, int64_t left_s)
{
    struct endpoint endpoint = {.port = 0};
    struct text text = {.length = 0};
    char left[DURATION_BYTES];
    cJSON *row = cJSON_CreateObject();
    const char *url = service->side[side].probe.url;
    const char *host = endpoint_parse_url(url, &endpoint, &text) == 0 ? endpoint.host : url;
    if (left_s > 0)
        text_set(&text, "the certificate of %s, which the %s's probe sees, ends in %s", host,
                 side_name((enum side)side), duration_format(left_s / 60 * 60000, left));
    else
        text_set(&text, "the certificate of %s, which the %s's probe saw, has ended", host,
                 side_name((enum side)side));
    json_add_string(row, "code", "certificate-ends");
    json_add_string(row, "service", service->name.text);
    json_add_string(row, "side", side_name((enum side)side));
    json_add_signed(row, "left_ms", left_s * 1000);
    json_add_string(row, "text", text.bytes);
    cJSON_AddItemToArray(list, row);
}

void warnings_add(cJSON *page, const struct node_view *view)
{
    cJSON *list = cJSON_AddArrayToObject(page, "warnings");
    for (size_t place = 0; place < view->config->service_count; place++) {
        const struct service_config *service = &view->config->services[place];
        for (int side = 0; side < SIDE_N; side++) {
            int64_t left_s = 0;
            if (left_of(view, place, side, &left_s) &&
                left_s * 1000 < service->side[side].probe.cert_warn_ms)
                add_warning(list, service, side, left_s);
        }
    }
}

void warnings_write_metrics(FILE *out, const struct node_view *view)
{
    bool headed = false;
    for (size_t place = 0; place < view->config->service_count; place++)
        for (int side = 0; side < SIDE_N; side++) {
            int64_t left_s = 0;
            if (!left_of(view, place, side, &left_s))
                continue;
            if (!headed)
                fprintf(out, "# HELP quorate_certificate_expiry_seconds Until the certificate ends "
                             "that the side's probe last saw; 0 where it has.\n"
                             "# TYPE quorate_certificate_expiry_seconds gauge\n");
            headed = true;
            fprintf(out,
                    "quorate_certificate_expiry_seconds{service=\"%s\",side=\"%s\"} %" PRId64 "\n",
                    view->config->services[place].name.text, side_name((enum side)side),
                    left_s > 0 ? left_s : 0);
        }
}
