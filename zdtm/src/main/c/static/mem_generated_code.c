// SPDX-License-Identifier: Apache-2.0
/* Code that the program wrote itself: executable anonymous pages, run before and after. */
#include "zdtm.h"

typedef int (*function)(int);

int main(int argc, char **argv) {
    test_init(argc, argv);
    /* lea eax, [rdi + rdi * 2 + 5]; ret */
    static const unsigned char code[] = {0x8d, 0x44, 0x7f, 0x05, 0xc3};
    char *sealed = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memcpy(sealed + 64, code, sizeof(code));
    must(mprotect(sealed, PAGE, PROT_READ | PROT_EXEC));
    char *open_page = map(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
    memcpy(open_page, code, sizeof(code));
    function one = (function)(void *)(sealed + 64);
    function two = (function)(void *)open_page;
    check_equal(26, one(7), "result before");
    test_ready();
    test_wait();
    check_equal(26, one(7), "result of the sealed code");
    check_equal(26, two(7), "result of the open code");
    open_page[3] = 6;
    check_equal(27, two(7), "result of the changed code");
    return test_pass();
}
