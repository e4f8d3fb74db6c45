// SPDX-License-Identifier: Apache-2.0
/* A process that moved its arguments elsewhere (setproctitle) still shows them, and as often as it likes. */
#include "zdtm.h"

#include <linux/prctl.h>

int main(int argc, char **argv) {
    test_init(argc, argv);
    static const char title[] = "subject: retitled\0second";
    char *page = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memcpy(page + 100, title, sizeof(title));
    /* Only PR_SET_MM_MAP works without CAP_SYS_RESOURCE; all other fields stay as they are. */
    char *text = read_text("/proc/self/stat", NULL);
    unsigned long fields[53] = {0};
    int number = 3;
    for (char *word = strtok(strrchr(text, ')') + 2, " "); word != NULL; word = strtok(NULL, " ")) {
        fields[number++] = strtoul(word, NULL, 10);
    }
    struct prctl_mm_map layout = {
        .start_code = fields[26], .end_code = fields[27], .start_stack = fields[28], .start_data = fields[45],
        .end_data = fields[46], .start_brk = fields[47], .brk = (unsigned long)sbrk(0),
        .arg_start = (unsigned long)page + 100, .arg_end = (unsigned long)page + 100 + sizeof(title),
        .env_start = fields[50], .env_end = fields[51], .auxv = NULL, .auxv_size = 0, .exe_fd = (uint32_t)-1,
    };
    must(prctl(PR_SET_MM, PR_SET_MM_MAP, &layout, sizeof(layout), 0));
    size_t length;
    char *command = read_text("/proc/self/cmdline", &length);
    check(length == sizeof(title) && memcmp(command, title, length) == 0, "the title is not shown before");
    test_ready();
    test_wait();
    command = read_text("/proc/self/cmdline", &length);
    check(length == sizeof(title) && memcmp(command, title, length) == 0, "the title is not shown any more");
    return test_pass();
}
