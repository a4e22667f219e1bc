#include "common/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void cleanup_free(void *pointer_to_pointer)
{
    void **pointer = pointer_to_pointer;
    free(*pointer);
    *pointer = NULL;
}

void cleanup_fclose(void *pointer_to_file)
{
    FILE **file = pointer_to_file;
    if (*file != NULL)
        fclose(*file);
    *file = NULL;
}

void cleanup_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
