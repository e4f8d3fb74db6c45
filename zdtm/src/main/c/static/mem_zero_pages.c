// SPDX-License-Identifier: Apache-2.0
/* 64 MiB of pages that were only read or hold zeroes. The test looks at the size of the images. */
#include "zdtm.h"

#define SIZE (64 * MIB)

/* Bit 24 of /proc/kpageflags, KPF_ZERO_PAGE. Some kernels give every reader a page of its own instead. */
static bool is_zero_page(const char *address) {
    uint64_t entry = 0;
    uint64_t flags = 0;
    int pagemap = must(open("/proc/self/pagemap", O_RDONLY));
    check_equal(8, must(pread(pagemap, &entry, 8, (off_t)((uintptr_t)address / PAGE * 8))), "bytes of the pagemap");
    must(close(pagemap));
    int kpageflags = must(open("/proc/kpageflags", O_RDONLY));
    check_equal(8, must(pread(kpageflags, &flags, 8, (off_t)((entry & ((1UL << 55) - 1)) * 8))), "bytes of flags");
    must(close(kpageflags));
    return (flags >> 24 & 1) != 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *read_only_touched = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    volatile char sum = 0;
    for (size_t i = 0; i < SIZE; i += PAGE) {
        sum += read_only_touched[i];
    }
    if (!is_zero_page(read_only_touched)) {
        test_skip("this kernel maps no zero page where memory is only read");
    }
    test_ready();
    test_wait();
    for (size_t i = 0; i < SIZE; i += PAGE) {
        check_equal(0, read_only_touched[i], "page that was only read");
    }
    read_only_touched[SIZE - 1] = 1;
    return test_pass();
}
