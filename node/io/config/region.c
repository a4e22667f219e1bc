#include "node/io/config/region.h"

#include <ctype.h>
#include <string.h>

#include "common/check.h"
#include "common/text.h"

enum { WORD_SIZE = 48, WORDS_A_REGION = 3 };

/* As the platform's own client libraries have them. */
static const struct region regions[] = {
    {"us-east-1", "use1", "mypurecloud.com"},
    {"us-east-2", "use2", "use2.us-gov-pure.cloud"},
    {"us-west-2", "usw2", "usw2.pure.cloud"},
    {"ca-central-1", "cac1", "cac1.pure.cloud"},
    {"mx-central-1", "mxc1", "mxc1.pure.cloud"},
    {"sa-east-1", "sae1", "sae1.pure.cloud"},
    {"eu-west-1", "euw1", "mypurecloud.ie"},
    {"eu-west-2", "euw2", "euw2.pure.cloud"},
    {"eu-central-1", "euc1", "mypurecloud.de"},
    {"eu-central-2", "euc2", "euc2.pure.cloud"},
    {"eusc-de-east-1", "edee1", "edee1.eusc-pure.cloud"},
    {"me-central-1", "mec1", "mec1.pure.cloud"},
    {"ap-south-1", "aps1", "aps1.pure.cloud"},
    {"ap-southeast-1", "apse1", "apse1.pure.cloud"},
    {"ap-southeast-2", "apse2", "mypurecloud.com.au"},
    {"ap-northeast-1", "apne1", "mypurecloud.jp"},
    {"ap-northeast-2", "apne2", "apne2.pure.cloud"},
    {"ap-northeast-3", "apne3", "apne3.pure.cloud"},
};

/* As the table writes it. Too long a word is none of the table's. */
static void normalize(const char *word, char ret_plain[WORD_SIZE])
{
    size_t length = 0;
    for (; word[length] != '\0' && length < WORD_SIZE - 1; length++)
        ret_plain[length] = word[length] == '_' ? '-' : (char)tolower((unsigned char)word[length]);
    ret_plain[word[length] == '\0' ? length : 0] = '\0';
}

const struct region *region_find(const char *word)
{
    char plain[WORD_SIZE];
    normalize(word, plain);
    for (size_t i = 0; i < ARRAY_COUNT(regions); i++)
        if (strcmp(plain, regions[i].cloud) == 0 || strcmp(plain, regions[i].code) == 0 ||
            strcmp(plain, regions[i].domain) == 0)
            return &regions[i];
    return NULL;
}

const char *region_nearest(const char *word)
{
    const char *words[WORDS_A_REGION * ARRAY_COUNT(regions)];
    char plain[WORD_SIZE];
    normalize(word, plain);
    for (size_t i = 0; i < ARRAY_COUNT(regions); i++) {
        words[WORDS_A_REGION * i] = regions[i].cloud;
        words[WORDS_A_REGION * i + 1] = regions[i].code;
        words[WORDS_A_REGION * i + 2] = regions[i].domain;
    }
    return text_nearest(plain, words, ARRAY_COUNT(words));
}

const struct region *region_at(size_t index)
{
    return index < ARRAY_COUNT(regions) ? &regions[index] : NULL;
}
