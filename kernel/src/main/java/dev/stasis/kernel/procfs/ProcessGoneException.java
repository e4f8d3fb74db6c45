// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

/** A process or thread ended before or while its files in /proc were read. */
public final class ProcessGoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int pid;

    /**
     * @param pid the process that was asked about
     * @param what the file or directory that is gone
     */
    public ProcessGoneException(int pid, String what, Throwable cause) {
        super("pid " + pid + " is gone: " + what, cause);
        this.pid = pid;
    }

    /** The process that was asked about; it may live on if one of its threads is gone. */
    public int pid() {
        return pid;
    }
}
