/* A bot as its canary and its connector's webhook show it: healthy or ill, and the service mode it
 * was told. Never falls ill by itself. Called by its canary and by its control interface, from
 * several threads. */
#ifndef QUORATE_LAB_BOT_H
#define QUORATE_LAB_BOT_H

#include "common/duration.h"
#include "common/text.h"
#include "tests/lab/base/web.h"

#include <pthread.h>

enum { BOT_ANNOUNCEMENTS_MAX = 256, BOT_HEADER_BYTES = 64 };

enum bot_mode {
    BOT_HEALTHY,
    BOT_SLOW, /* a good answer, late */
    BOT_ERROR500,
    BOT_WRONG_BODY, /* 200 with a body that is not the good one */
    BOT_COMPLETE,   /* a connector's good answer that ends the conversation */
    BOT_FAILED,     /* 200, botState Failed and an errorInfo */
    BOT_ERROR_INFO, /* 200, a good botState, and an errorInfo all the same */
    BOT_HANG,       /* takes the request, never answers */
    BOT_REFUSE,     /* nothing listens */
    BOT_MODE_N
};

struct bot_announcement {
    time_ms wall_ms;
    char header[BOT_HEADER_BYTES];
};

struct bot {
    const char *name;
    const char *host;
    uint16_t port;
    pthread_mutex_t lock; /* over what follows, except `web` */
    enum bot_mode mode;
    time_ms slow_ms;
    int64_t request_count;
    int64_t message_count;                                        /* of them those of a connector */
    struct bot_announcement announcements[BOT_ANNOUNCEMENTS_MAX]; /* the newest stay */
    size_t announcement_count;                                    /* ever */
    pthread_mutex_t web_lock;                                     /* over the canary's server */
    struct web *web;
};

/* Opens the canary. `name` and `host` stay the caller's. Errors: those of web_new. */
int bot_init(struct bot *bot, const char *name, const char *host, uint16_t port, struct text *why);
void bot_fini(struct bot *bot);

/* Takes {"mode": WORD, "ms": N}; into and out of `refuse` it closes and opens the canary's socket
 * before it returns. Errors: ERR_MALFORMED, ERR_INVALID; ERR_BUSY where the port was lost
 * meanwhile; each with `why`. */
int bot_set_mode(struct bot *bot, const char *json, size_t length, struct text *why);

/* {mode, ms, requests, last_mode_header, degraded, announcements}. */
cJSON *bot_describe(struct bot *bot);

#endif
