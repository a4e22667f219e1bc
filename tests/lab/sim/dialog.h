/* Conversations with bot flows by the textbots API: which flow answers how, and where each session
 * stands.
 * Never speaks HTTP, never waits.
 * Called under the platform's lock. */
#ifndef QUORATE_LAB_DIALOG_H
#define QUORATE_LAB_DIALOG_H

#include "common/duration.h"
#include "common/text.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIALOGS_MAX = 1024, BOTS_MAX = 32, DIALOG_ID_BYTES = 37, BOT_FLOW_BYTES = 64 };

/* How a flow answers a turn. */
enum bot_flow_mode {
    BOT_FLOW_HEALTHY,             /* says its text and waits for input */
    BOT_FLOW_SLOW,                /* the same, `ms` later */
    BOT_FLOW_HANG,                /* takes the turn, never answers */
    BOT_FLOW_ERROR,               /* 200, and the flow exits with reason Error */
    BOT_FLOW_DISCONNECT_ERROR,    /* 200, and the flow disconnects with reason Error */
    BOT_FLOW_RECOGNITION_FAILURE, /* 200, and the flow exits with that reason */
    BOT_FLOW_EXIT,                /* 200, and the flow exits as it was built to */
    BOT_FLOW_MODE_N
};

struct bot_flow {
    char flow[BOT_FLOW_BYTES];
    enum bot_flow_mode mode;
    int64_t from_turn; /* the first turn that the mode is for; those before are healthy */
    time_ms ms;
    char text[256]; /* of the prompts */
    int64_t sessions;
    int64_t turns;
    int64_t disconnects; /* sessions that the user's side ended properly */
};

struct dialog {
    char id[DIALOG_ID_BYTES];
    struct bot_flow *bot;
    int64_t turns;
    char last_turn[DIALOG_ID_BYTES]; /* "" before the first */
    bool ended;
};

struct dialog_book {
    struct bot_flow bots[BOTS_MAX];
    size_t bot_count;
    struct dialog dialogs[DIALOGS_MAX]; /* the oldest slot is used again */
    size_t dialog_count;                /* ever */
};

/* How one turn went. The texts live as long as the book. */
struct dialog_turn {
    const char *action; /* nextActionType */
    const char *reason; /* of an Exit or a Disconnect; NULL for others */
    const char *text;
    bool answered;
    time_ms wait_ms; /* before the answer */
};

/* Begins a session with a flow, which *ret_dialog then is. `id` is its id. Errors: ERR_FULL (too
 * many flows), ERR_INVALID (too long a flow's id). */
int dialog_begin(struct dialog_book *book, const char *flow, const char *id,
                 struct dialog **ret_dialog);

/* A session that has not ended, or NULL. */
struct dialog *dialog_find(struct dialog_book *book, const char *id);

/* Takes a turn. `disconnects`: the user's side ends it. */
struct dialog_turn dialog_take(struct dialog *dialog, const char *turn_id, bool disconnects);

/* Takes {"mode", "from_turn", "ms", "text"} for a flow. Errors: ERR_MALFORMED, ERR_INVALID,
 * ERR_FULL, each with `why`. */
int dialog_bot_set(struct dialog_book *book, const char *flow, const char *json, size_t length,
                   struct text *why);

/* The flows that were spoken to or set, for people. */
cJSON *dialog_bots_describe(const struct dialog_book *book);

#endif
