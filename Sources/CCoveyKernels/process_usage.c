#include "process_usage.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#if defined(__linux__)
// The high-water mark of this program's own memory; 0 where it is not told.
static int64_t own_peak_bytes(void) {
    FILE *status = fopen("/proc/self/status", "r");
    if (!status) return 0;
    char line[128];
    long long kibibytes = 0;
    while (fgets(line, sizeof line, status)) {
        if (sscanf(line, "VmHWM: %lld kB", &kibibytes) == 1) break;
    }
    fclose(status);
    return kibibytes * 1024;
}
#endif

int64_t covey_peak_bytes(void) {
#if defined(__linux__)
    // What getrusage tells of a process holds the memory of the one that started it too.
    const int64_t own = own_peak_bytes();
    if (own > 0) return own;
#endif
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
