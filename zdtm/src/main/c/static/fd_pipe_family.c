// SPDX-License-Identifier: Apache-2.0
/* Pipes between parent and children: requests in flight one way, answers the other, end-of-file at the end. */
#include "zdtm.h"

#define CHILDREN 3

static int requests[CHILDREN][2];
static int answers[2];

/* Doubles what it reads until its pipe ends. */
static int child(void *argument) {
    long number = (long)argument;
    for (int i = 0; i < CHILDREN; i++) {
        must(close(requests[i][1]));
        if (i != number) {
            must(close(requests[i][0]));
        }
    }
    must(close(answers[0]));
    mark("child.%ld", number);
    /* What was sent before SIGTERM stays in flight until then. */
    test_wait();
    long value;
    long sum = 0;
    ssize_t got;
    while ((got = must(read(requests[number][0], &value, sizeof(value)))) == sizeof(value)) {
        long answer[2] = {number, value * 2};
        must(write(answers[1], answer, sizeof(answer)));
        sum += value;
    }
    check_equal(0, got, "read at the end");
    long answer[2] = {number, -sum};
    must(write(answers[1], answer, sizeof(answer)));
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    must(pipe(answers));
    pid_t children[CHILDREN];
    for (long i = 0; i < CHILDREN; i++) {
        must(pipe(requests[i]));
    }
    for (long i = 0; i < CHILDREN; i++) {
        children[i] = spawn(child, (void *)i);
    }
    must(close(answers[1]));
    long sum[CHILDREN] = {0};
    for (long i = 0; i < CHILDREN; i++) {
        await_mark("child.%ld", i);
        must(close(requests[i][0]));
        for (long k = 0; k < 200; k++) {
            long value = i * 1000 + k;
            must(write(requests[i][1], &value, sizeof(value)));
            sum[i] += value;
        }
    }
    test_ready();
    test_wait();
    for (long i = 0; i < CHILDREN; i++) {
        must(kill(children[i], SIGTERM));
        long value = 500000 + i;
        must(write(requests[i][1], &value, sizeof(value)));
        sum[i] += value;
        must(close(requests[i][1]));
    }
    long answer[2];
    long next[CHILDREN] = {0};
    int ends = 0;
    while (must(read(answers[0], answer, sizeof(answer))) == sizeof(answer)) {
        long number = answer[0];
        if (answer[1] <= 0 && next[number] > 200) {
            check_equal(-sum[number], answer[1], "sum of a child");
            ends++;
        } else {
            long expected = next[number] < 200 ? number * 1000 + next[number] : 500000 + number;
            check_equal(expected * 2, answer[1], "answer of a child");
            next[number]++;
        }
    }
    check_equal(CHILDREN, ends, "children that answered all");
    for (int i = 0; i < CHILDREN; i++) {
        await_child(children[i], 0);
    }
    return test_pass();
}
