// Compiles TEMPLATE once for each instruction level, and chooses among what it made. A file of kernels defines TEMPLATE,
// and WITHOUT_AVX512 where eight doubles at a time have nothing to add, and includes this once. The template has:
//   NAME(x)          the name x with the level's suffix
//   TARGET           function attributes of the level
//   LANES            doubles in a vector
//   VECTOR           the type of such a vector, aligned as a double
//   ROWS             shuffles in a register tile: ROWS * 3 accumulators fit the registers
//   MULADD(a, b, c)  a * b + c as the level rounds it; SCALAR_MULADD of single numbers

#include "instruction_level.h"

#if defined(__x86_64__)

#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#define SCALAR_MULADD(a, b, c) __builtin_fma(a, b, c)

#if !defined(WITHOUT_AVX512)
#define NAME(x) x##_avx512
// Without min_vector_width the compiler splits 64-byte vectors into two and spills them.
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define LANES 8
#define ROWS 8
#define VECTOR NAME(vector)
typedef double VECTOR __attribute__((ext_vector_type(LANES), aligned(8)));
#include TEMPLATE
#undef NAME
#undef TARGET
#undef LANES
#undef ROWS
#undef VECTOR
#endif

#define NAME(x) x##_avx2
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define LANES 4
#define ROWS 4
#define VECTOR NAME(vector)
typedef double VECTOR __attribute__((ext_vector_type(LANES), aligned(8)));
#include TEMPLATE
#undef NAME
#undef TARGET
#undef LANES
#undef ROWS
#undef VECTOR
#undef MULADD
#undef SCALAR_MULADD

#endif

#define NAME(x) x##_baseline
#define TARGET
#define LANES 2
#define ROWS 4
#define VECTOR NAME(vector)
#if defined(__aarch64__)
#define MULADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#define SCALAR_MULADD(a, b, c) __builtin_fma(a, b, c)
#else
#define MULADD(a, b, c) ((a) * (b) + (c))
#define SCALAR_MULADD(a, b, c) ((a) * (b) + (c))
#endif
typedef double VECTOR __attribute__((ext_vector_type(LANES), aligned(8)));
#include TEMPLATE

// The function `name` of a level.
#if !defined(__x86_64__)
#define AT_LEVEL(level, name) ((void)(level), name##_baseline)
#elif defined(WITHOUT_AVX512)
#define AT_LEVEL(level, name) ((level) >= covey_level_avx2 ? name##_avx2 : name##_baseline)
#else
#define AT_LEVEL(level, name)                                  \
    ((level) >= covey_level_avx512 ? name##_avx512             \
        : (level) == covey_level_avx2 ? name##_avx2 : name##_baseline)
#endif
