/* The parts of the control interface that have a file of their own.
 * Never called outside of it.
 * Called by the table in control.c, under the platform's lock. */
#ifndef QUORATE_LAB_CONTROL_PARTS_H
#define QUORATE_LAB_CONTROL_PARTS_H

#include "tests/lab/base/web.h"
#include "tests/lab/sim/platform.h"

typedef void control_fn(const struct web_request *request, struct web_answer *answer,
                        struct platform *platform);

/* control_document.c: all resources but plans. */
control_fn control_documents_get;
control_fn control_document_get;
control_fn control_document_post;
/* control_entrance.c: what a new conversation at an edge gets now. */
control_fn control_entrances_get;
control_fn control_entrance_get;
/* control_traffic.c: live conversations. */
control_fn control_traffic_get;
control_fn control_traffic_post;
/* control_bots.c: how bot flows answer. */
control_fn control_bots_get;
control_fn control_bot_post;
/* control_permission.c: what a client may not do. */
control_fn control_permission_get;
control_fn control_permission_post;

#endif
