#include "node/io/preflight/url.h"

#include <string.h>

static void add_byte(struct url *url, char byte)
{
    if (url->length + 1 >= sizeof url->bytes) {
        url->cut = true;
        return;
    }
    url->bytes[url->length++] = byte;
    url->bytes[url->length] = '\0';
}

void url_begin(struct url *url, const struct platform_config *platform)
{
    *url = (struct url){.length = 0};
    url_add(url, platform->api_url);
    while (url->length > 0 && url->bytes[url->length - 1] == '/')
        url->bytes[--url->length] = '\0';
}

void url_add(struct url *url, const char *path)
{
    for (; *path != '\0'; path++)
        add_byte(url, *path);
}

static bool is_unreserved(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || strchr("-._~", byte) != NULL;
}

void url_add_escaped(struct url *url, const char *words)
{
    static const char digits[] = "0123456789ABCDEF";
    for (; *words != '\0'; words++) {
        unsigned char byte = (unsigned char)*words;
        if (is_unreserved(*words)) {
            add_byte(url, *words);
            continue;
        }
        add_byte(url, '%');
        add_byte(url, digits[byte >> 4]);
        add_byte(url, digits[byte & 15]);
    }
}
