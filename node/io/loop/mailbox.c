#include "node/io/loop/mailbox.h"

#include <stdlib.h>

#include "common/check.h"
#include "common/errors.h"

static struct letter *take_all(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->mutex);
    struct letter *first = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = NULL;
    pthread_mutex_unlock(&mailbox->mutex);
    return first;
}

static void on_async(uv_async_t *async)
{
    struct mailbox *mailbox = async->data;
    struct letter *letter = take_all(mailbox);
    while (letter != NULL) {
        struct letter *next = letter->next;
        mailbox->take(letter, mailbox->data);
        free(letter);
        letter = next;
    }
}

int mailbox_init(struct mailbox *mailbox, uv_loop_t *loop, mailbox_take_fn *take, void *data)
{
    *mailbox = (struct mailbox){.open = true, .take = take, .data = data};
    if (pthread_mutex_init(&mailbox->mutex, NULL) != 0)
        return ERR_INTERNAL;
    if (uv_async_init(loop, &mailbox->async, on_async) != 0) {
        pthread_mutex_destroy(&mailbox->mutex);
        return ERR_INTERNAL;
    }
    mailbox->async.data = mailbox;
    return 0;
}

void mailbox_post(struct mailbox *mailbox, const struct letter *letter)
{
    struct letter *copy = malloc(sizeof *copy);
    CHECK(copy != NULL); /* a lost answer would leave the core waiting for ever */
    *copy = *letter;
    copy->next = NULL;
    pthread_mutex_lock(&mailbox->mutex);
    bool open = mailbox->open;
    if (open && mailbox->last != NULL)
        mailbox->last->next = copy;
    else if (open)
        mailbox->first = copy;
    if (open) {
        mailbox->last = copy;
        uv_async_send(&mailbox->async);
    }
    pthread_mutex_unlock(&mailbox->mutex);
    if (!open)
        free(copy);
}

void mailbox_close(struct mailbox *mailbox, uv_close_cb closed)
{
    pthread_mutex_lock(&mailbox->mutex);
    mailbox->open = false;
    pthread_mutex_unlock(&mailbox->mutex);
    uv_close((uv_handle_t *)&mailbox->async, closed);
}

void mailbox_fini(struct mailbox *mailbox)
{
    struct letter *letter = take_all(mailbox);
    while (letter != NULL) {
        struct letter *next = letter->next;
        free(letter);
        letter = next;
    }
    pthread_mutex_destroy(&mailbox->mutex);
}
