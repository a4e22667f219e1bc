/* The control interface /sim/...: the journal, the plans and resources as they are, a human's edit,
 * faults, tokens. Never asks for a token and never stands in the journal, except for the human's
 * edit. Called by the web server, one thread a connection. */
#ifndef QUORATE_LAB_SIM_CONTROL_H
#define QUORATE_LAB_SIM_CONTROL_H

#include "tests/lab/base/web.h"
#include "tests/lab/sim/platform.h"

#define SIM_CONTROL_PATH "/sim/"

void sim_control_handle(const struct web_request *request, struct web_answer *answer,
                        struct platform *platform);

#endif
