#include "instruction_level.h"

int covey_best_level(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("x86-64-v4")) return covey_level_avx512;
    if (__builtin_cpu_supports("x86-64-v3")) return covey_level_avx2;
#endif
    return covey_level_baseline;
}
