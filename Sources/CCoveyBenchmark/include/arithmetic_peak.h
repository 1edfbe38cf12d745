// What a core can multiply and add, for benchmarks to be held against.
#ifndef COVEY_ARITHMETIC_PEAK_H
#define COVEY_ARITHMETIC_PEAK_H

// Does `rounds` rounds of fused multiply-adds in double precision, in registers alone, with the widest vectors that this
// processor has; returns how many floating-point operations (two for each multiply-add) that was.
double covey_multiply_add(long rounds);

#endif
