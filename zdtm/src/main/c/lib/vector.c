// SPDX-License-Identifier: Apache-2.0
#include "vector.h"

#include <linux/futex.h>

#define EACH16(op) op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) op(14) op(15)
#define EACH32(op) \
    EACH16(op)     \
    op(16) op(17) op(18) op(19) op(20) op(21) op(22) op(23) op(24) op(25) op(26) op(27) op(28) op(29) op(30) op(31)
#define EACH8(op) op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7)

/* r8 points to the state to load, r9 to the state to store. */
#define LOAD_SSE(n) "movups 64*" #n "(%%r8), %%xmm" #n "\n"
#define STORE_SSE(n) "movups %%xmm" #n ", 64*" #n "(%%r9)\n"
#define LOAD_AVX(n) "vmovups 64*" #n "(%%r8), %%ymm" #n "\n"
#define STORE_AVX(n) "vmovups %%ymm" #n ", 64*" #n "(%%r9)\n"
#define LOAD_AVX512(n) "vmovups 64*" #n "(%%r8), %%zmm" #n "\n"
#define STORE_AVX512(n) "vmovups %%zmm" #n ", 64*" #n "(%%r9)\n"
#define LOAD_MASK(n) "kmovq 2048+8*" #n "(%%r8), %%k" #n "\n"
#define STORE_MASK(n) "kmovq %%k" #n ", 2048+8*" #n "(%%r9)\n"
#define LOAD_MXCSR "stmxcsr %[found]\nldmxcsr 2112(%%r8)\n"
#define STORE_MXCSR "stmxcsr 2112(%%r9)\nldmxcsr %[found]\n"

#define SPIN "1: cmpl $0, (%%rdi)\nje 1b\n"
/* The kernel keeps r8 and r9 over the call, and all vector registers. A restarted call begins at syscall again. */
#define SLEEP                                    \
    "1: cmpl $0, (%%rdi)\n"                      \
    "jne 2f\n"                                   \
    "movl %[number], %%eax\n"                    \
    "xorl %%esi, %%esi\n"                        \
    "xorl %%edx, %%edx\n"                        \
    "xorl %%r10d, %%r10d\n"                      \
    "syscall\n"                                  \
    "jmp 1b\n"                                   \
    "2:\n"

#define CLOBBERS "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc"
#define SSE_CLOBBERS                                                                                                \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",      \
            "xmm13", "xmm14", "xmm15"
#define AVX512_CLOBBERS                                                                                             \
    "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27",     \
            "xmm28", "xmm29", "xmm30", "xmm31", "k1", "k2", "k3", "k4", "k5", "k6", "k7"

#define HOLD(load, waiting, store, ...)                                                                             \
    do {                                                                                                            \
        uint32_t found;                                                                                             \
        asm volatile("movq %[in], %%r8\nmovq %[out], %%r9\n" load LOAD_MXCSR waiting store STORE_MXCSR              \
                     : [found] "=m"(found)                                                                          \
                     : [in] "r"(in), [out] "r"(out), "D"(word), [number] "i"(SYS_futex)                             \
                     : CLOBBERS, SSE_CLOBBERS, ##__VA_ARGS__);                                                      \
    } while (0)

#define VEX_LOAD EACH16(LOAD_AVX)
#define VEX_STORE EACH16(STORE_AVX) "vzeroupper\n"
#define EVEX_LOAD EACH32(LOAD_AVX512) EACH8(LOAD_MASK)
#define EVEX_STORE EACH32(STORE_AVX512) EACH8(STORE_MASK) "vzeroupper\n"

static void hold_sse(const struct vector_state *in, struct vector_state *out, volatile void *word, bool asleep) {
    if (asleep) {
        HOLD(EACH16(LOAD_SSE), SLEEP, EACH16(STORE_SSE));
    } else {
        HOLD(EACH16(LOAD_SSE), SPIN, EACH16(STORE_SSE));
    }
}

static void hold_avx(const struct vector_state *in, struct vector_state *out, volatile void *word, bool asleep) {
    if (asleep) {
        HOLD(VEX_LOAD, SLEEP, VEX_STORE);
    } else {
        HOLD(VEX_LOAD, SPIN, VEX_STORE);
    }
}

static void __attribute__((target("avx512f,avx512bw")))
hold_avx512(const struct vector_state *in, struct vector_state *out, volatile void *word, bool asleep) {
    if (asleep) {
        HOLD(EVEX_LOAD, SLEEP, EVEX_STORE, AVX512_CLOBBERS);
    } else {
        HOLD(EVEX_LOAD, SPIN, EVEX_STORE, AVX512_CLOBBERS);
    }
}

static void
hold(enum vector_width width, const struct vector_state *in, struct vector_state *out, volatile void *word, bool asleep) {
    switch (width) {
        case SSE:
            hold_sse(in, out, word, asleep);
            break;
        case AVX:
            hold_avx(in, out, word, asleep);
            break;
        case AVX512:
            hold_avx512(in, out, word, asleep);
            break;
    }
}

bool vector_offered(enum vector_width width) {
    _Static_assert(offsetof(struct vector_state, masks) == 2048, "the assembly knows this offset");
    _Static_assert(offsetof(struct vector_state, mxcsr) == 2112, "the assembly knows this offset");
    switch (width) {
        case SSE:
            return true;
        case AVX:
            return __builtin_cpu_supports("avx");
        case AVX512:
            return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
    }
    return false;
}

void vector_fill(struct vector_state *state, uint64_t seed) {
    pattern_write(state->registers, sizeof(state->registers), seed);
    pattern_write(state->masks, sizeof(state->masks), seed + 1);
    /* All exceptions masked; rounding mode, flush-to-zero and denormals-are-zero depend on the seed. */
    static const uint32_t modes[] = {0x1f80, 0x3f80, 0x5f80, 0x7f80, 0x9f80, 0x1fc0, 0xffc0};
    state->mxcsr = modes[seed % COUNT(modes)];
}

void vector_spin(enum vector_width width, const struct vector_state *in, struct vector_state *out, volatile int *flag) {
    hold(width, in, out, flag, false);
}

void vector_sleep(enum vector_width width, const struct vector_state *in, struct vector_state *out, uint32_t *word) {
    hold(width, in, out, word, true);
}

void vector_check(enum vector_width width, const struct vector_state *in, const struct vector_state *out) {
    int registers = width == AVX512 ? 32 : 16;
    for (int i = 0; i < registers; i++) {
        if (memcmp(in->registers[i], out->registers[i], (size_t)width) != 0) {
            for (int byte = 0; byte < (int)width; byte++) {
                check(in->registers[i][byte] == out->registers[i][byte], "vector register %d byte %d: 0x%x instead of 0x%x",
                        i, byte, out->registers[i][byte], in->registers[i][byte]);
            }
        }
    }
    for (int i = 0; width == AVX512 && i < 8; i++) {
        check_equal(in->masks[i], out->masks[i], "mask register");
    }
    check_equal(in->mxcsr, out->mxcsr, "mxcsr");
}
