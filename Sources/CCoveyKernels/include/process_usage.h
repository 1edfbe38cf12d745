// What the process has used so far.
#ifndef COVEY_PROCESS_USAGE_H
#define COVEY_PROCESS_USAGE_H
#include <stdint.h>

// The largest resident memory the process has had, in bytes.
int64_t covey_peak_bytes(void);

#endif
