/* Scoped release of resources and explicit hand-over of ownership.
 * Never used in node/core, which owns nothing that must be released.
 * Called by adapters, commands and tests. */
#ifndef QUORATE_COMMON_CLEANUP_H
#define QUORATE_COMMON_CLEANUP_H

/* The variable's release function runs when its scope ends: `CLEANUP(cleanup_free) char *p = NULL;`
 */
#define CLEANUP(release) __attribute__((cleanup(release)))

/* Gives the pointer's value away and leaves NULL behind, so that the scope releases nothing. */
#define TAKE_PTR(pointer)                       \
    __extension__({                             \
        __typeof__(pointer) taken_ = (pointer); \
        (pointer) = NULL;                       \
        taken_;                                 \
    })

/* For CLEANUP on malloc'ed pointers, FILE * and file descriptors (-1 means none). NULL is accepted.
 */
void cleanup_free(void *pointer_to_pointer);
void cleanup_fclose(void *pointer_to_file);
void cleanup_close(int *fd);

#endif
