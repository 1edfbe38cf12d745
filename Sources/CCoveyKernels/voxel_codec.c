#include "voxel_codec.h"

#include <string.h>

#define IDENTITY(x) (x)
#define DECODE(type, unsigned_type, swap)                                            \
    for (size_t i = 0; i < count; i++) {                                             \
        unsigned_type word;                                                          \
        memcpy(&word, bytes + i * sizeof word, sizeof word);                         \
        if (swaps) word = (unsigned_type)swap(word);                                 \
        type stored;                                                                 \
        memcpy(&stored, &word, sizeof stored);                                       \
        double value = (double)stored;                                               \
        if (scales) value = slope * value + intercept;                               \
        values[i] = value;                                                           \
    }                                                                                \
    return 1;

int covey_decode_voxels(
    int datatype, int swaps, const uint8_t *bytes, size_t count, int scales, double slope, double intercept,
    double *values) {
#pragma STDC FP_CONTRACT OFF
    switch (datatype) {
        case 2: DECODE(uint8_t, uint8_t, IDENTITY)
        case 256: DECODE(int8_t, uint8_t, IDENTITY)
        case 4: DECODE(int16_t, uint16_t, __builtin_bswap16)
        case 512: DECODE(uint16_t, uint16_t, __builtin_bswap16)
        case 8: DECODE(int32_t, uint32_t, __builtin_bswap32)
        case 768: DECODE(uint32_t, uint32_t, __builtin_bswap32)
        case 1024: DECODE(int64_t, uint64_t, __builtin_bswap64)
        case 1280: DECODE(uint64_t, uint64_t, __builtin_bswap64)
        case 16: DECODE(float, uint32_t, __builtin_bswap32)
        case 64: DECODE(double, uint64_t, __builtin_bswap64)
        default: return 0;
    }
}
