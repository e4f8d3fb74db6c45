// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.subject;

import dev.stasis.kernel.procfs.ProcFs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A program that notices every change of its registers, signal mask and SIGTRAP action: {@code selfcheck.c}. */
public final class SelfCheck implements AutoCloseable {
    private final LiveProcess process;
    private final Path counts;
    private final int[] descriptors;

    private SelfCheck(LiveProcess process, Path counts) {
        this.process = process;
        this.counts = counts;
        this.descriptors = descriptors();
    }

    /** @param sleepMicros how long each of its sleeps takes */
    public static SelfCheck start(Path directory, long sleepMicros) {
        Path program = Compiler.compileResource(directory, SelfCheck.class, "selfcheck.c");
        Path counts = directory.resolve("counts" + sleepMicros);
        LiveProcess process =
                LiveProcess.start(directory, program.toString(), counts.toString(), Long.toString(sleepMicros * 1000));
        return new SelfCheck(process, counts);
    }

    public LiveProcess process() {
        return process;
    }

    public int pid() {
        return process.pid();
    }

    /** How many rounds it has made. */
    public long rounds() {
        return word(0);
    }

    /**
     * Waits for some more rounds.
     *
     * @throws AssertionError if it has found anything changed, has died, or has other descriptors than at its start
     */
    public void requireWell() {
        long before = rounds();
        LiveProcess.await("rounds of " + process.pid(), () -> rounds() >= before + 3 || !process.isAlive());
        if (!process.isAlive()) {
            throw new AssertionError("it died: " + process.output());
        }
        if (word(8) != 0) {
            throw new AssertionError(word(8) + " of " + rounds() + " rounds found something changed");
        }
        if (!Arrays.equals(descriptors, descriptors())) {
            throw new AssertionError("descriptors " + Arrays.toString(descriptors()));
        }
    }

    private int[] descriptors() {
        int[] fds = new ProcFs().fds(process.pid());
        Arrays.sort(fds);
        return fds;
    }

    private long word(int offset) {
        try {
            return ByteBuffer.wrap(Files.readAllBytes(counts))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong(offset);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
