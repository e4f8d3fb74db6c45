// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import dev.stasis.spi.os.RawText;

/** Prints the bytes of a process's working directory: a program of its own, because the locale is fixed at start. */
public final class PrintLink {
    private PrintLink() {}

    public static void main(String[] args) {
        byte[] name = RawText.encode(new ProcFs().link(Integer.parseInt(args[0]), "cwd"));
        System.out.write(name, 0, name.length);
        System.out.flush();
    }
}
