#include "node/io/act/failpoint_part.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PLACE_SIZE = 128 };

void failpoint_come_to(const char *here)
{
    const char *path = getenv("QUORATE_FAILPOINT");
    char armed[PLACE_SIZE] = "";
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    if (file == NULL)
        return;
    bool read = fgets(armed, sizeof armed, file) != NULL;
    (void)fclose(file);
    armed[strcspn(armed, "\n")] = '\0';
    if (read && strcmp(here, armed) == 0 && unlink(path) == 0)
        (void)raise(SIGKILL);
}

void failpoint_part(enum route_step step, size_t place)
{
    char here[PLACE_SIZE];
    (void)snprintf(here, sizeof here, "%s/part/%zu", route_step_name(step), place + 1);
    failpoint_come_to(here);
}
