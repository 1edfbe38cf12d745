// The process itself: what it has used, and how it takes interrupts.
#ifndef COVEY_PROCESS_USAGE_H
#define COVEY_PROCESS_USAGE_H
#include <stdint.h>

// The largest resident memory the process has had, in bytes.
int64_t covey_peak_bytes(void);

// Stops SIGINT and SIGTERM from ending the process at once, so that a dispatch source can answer them.
void covey_hold_interrupts(void);

// Whether a process of this machine runs (or is another user's, and may).
int covey_is_running(int32_t process);

#endif
