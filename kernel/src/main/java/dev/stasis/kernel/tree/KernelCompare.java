// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

/** Tells whether two tasks use the same object in the kernel: kcmp(2). */
@FunctionalInterface
public interface KernelCompare {
    /** Two open file descriptions; the indexes are descriptors. */
    int FILE = 0;

    /** Two address spaces. */
    int VM = 1;

    /** Two descriptor tables. */
    int FILES = 2;

    /** Two sets of root, working directory and umask. */
    int FS = 3;

    /** Two tables of signal actions. */
    int SIGHAND = 4;

    /** Two I/O contexts. */
    int IO = 5;

    /** Two lists of System V semaphore undo values. */
    int SYSVSEM = 6;

    /**
     * Compares an object of one task with that of another.
     *
     * @param pid1 a process or thread id
     * @param pid2 another, or the same
     * @param type one of the constants, KCMP_* of kcmp(2)
     * @param idx1 what is compared, as kcmp(2) says for the type
     * @param idx2 likewise
     * @return 0 if they are the same object, 1 if the first is less than the second, 2 if it is greater, 3 if they
     *     differ and have no order. The order lasts until the machine is rebooted
     * @throws dev.stasis.spi.os.SyscallException if a task is gone or may not be accessed
     */
    int compare(int pid1, int pid2, int type, long idx1, long idx2);
}
