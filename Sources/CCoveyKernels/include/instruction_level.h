// Which instruction set a kernel runs with. Every kernel is compiled once per level from one source.
#ifndef COVEY_INSTRUCTION_LEVEL_H
#define COVEY_INSTRUCTION_LEVEL_H

enum covey_level {
    covey_level_baseline = 0,  // what the compiler targets by default (SSE2 or NEON)
    covey_level_avx2 = 1,      // x86-64-v3: AVX2 and FMA
    covey_level_avx512 = 2,    // x86-64-v4: AVX-512 F, BW, CD, DQ, VL
};

// The best level that this processor runs.
int covey_best_level(void);

#endif
