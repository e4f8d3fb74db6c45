// SPDX-License-Identifier: Apache-2.0
/* Loads all vector registers of one width from memory, spins or sleeps, and stores them again. */
#ifndef VECTOR_H
#define VECTOR_H

#include "zdtm.h"

#include <cpuid.h>

/* 32 registers of up to 64 bytes, and the eight mask registers. */
struct vector_state {
    uint8_t registers[32][64];
    uint64_t masks[8];
    uint32_t mxcsr;
} __attribute__((aligned(64)));

enum vector_width { SSE = 16, AVX = 32, AVX512 = 64 };

/* Whether processor and kernel offer this width. */
bool vector_offered(enum vector_width width);

void vector_fill(struct vector_state *state, uint64_t seed);

/* Loads the registers, spins until *flag is not 0, and stores them. */
void vector_spin(enum vector_width width, const struct vector_state *in, struct vector_state *out, volatile int *flag);

/* Loads the registers, sleeps in FUTEX_WAIT on word while it is 0, and stores them. */
void vector_sleep(enum vector_width width, const struct vector_state *in, struct vector_state *out, uint32_t *word);

/* Fails if a register of this width has changed. */
void vector_check(enum vector_width width, const struct vector_state *in, const struct vector_state *out);

#endif
