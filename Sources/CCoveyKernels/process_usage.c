#include "process_usage.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

int64_t covey_peak_bytes(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
#if defined(__APPLE__)
    return usage.ru_maxrss;
#else
    return (int64_t)usage.ru_maxrss * 1024;
#endif
}

void covey_hold_interrupts(void) {
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
}

int covey_is_running(int32_t process) { return kill(process, 0) == 0 || errno == EPERM; }
