/* The lab's two clocks.
 * Never used for anything but stamping lines and pacing faults.
 * Called by every lab program. */
#ifndef QUORATE_LAB_CLOCK_H
#define QUORATE_LAB_CLOCK_H

#include "common/duration.h"

/* Milliseconds on the boot-time clock, the one that the nodes decide by. */
time_ms clock_boot_ms(void);
/* Milliseconds since 1970, for people. */
time_ms clock_wall_ms(void);

#endif
