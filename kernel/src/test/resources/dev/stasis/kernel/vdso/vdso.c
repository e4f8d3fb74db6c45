// SPDX-License-Identifier: Apache-2.0
/* What another kernel's vDSO might look like. FIRST, SECOND and the like say in which order the functions stand. */
#define ALIGNED __attribute__((noinline, aligned(16)))

#ifdef PADDED
ALIGNED long __vdso_padding(long a) { return a * 3 + 1; }
#endif

ALIGNED long __vdso_clock_gettime(long clock, void *time) { return clock * 7 + (long)time; }
extern long clock_gettime(long clock, void *time) __attribute__((alias("__vdso_clock_gettime")));

ALIGNED long __vdso_gettimeofday(void *time, void *zone) { return (long)time - (long)zone * 5; }

ALIGNED long __vdso_time(long *time) { return ((long)time * 0x123456789abcdefL ^ (long)time >> 3) + 2; }

/* Too short for a jump of any kind. */
__asm__(".globl __vdso_short\n.type __vdso_short, @function\n__vdso_short: xor %eax, %eax\nret\n"
        ".size __vdso_short, . - __vdso_short\n.balign 16");

long __vdso_data = 1;
