// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * The page a subject stamps the clock into every 0.2 ms; {@code struct page} in {@code subject.c}.
 *
 * <p>It is read and written through its file, which the kernel keeps coherent with the subject's shared mapping. It
 * outlives the subject, so the last stamp before a killing dump can be read afterwards.
 */
final class BeatPage implements AutoCloseable {
    private static final int SIZE = 4096;
    private static final int READY = 0;
    private static final int BEATS = 8;
    private static final int LAST_BEAT = 16;
    private static final int LONGEST_GAP = 24;
    private static final int REQUEST = 32;
    private static final int VERDICT = 40;
    private static final long FORGET_GAP = 1;
    private static final long VERIFY = 2;
    private static final long WHOLE = 1;
    private static final Duration STEP = Duration.ofMillis(1);

    private final FileChannel channel;

    private BeatPage(FileChannel channel) {
        this.channel = channel;
    }

    static BeatPage create(Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        channel.write(ByteBuffer.allocate(SIZE), 0);
        return new BeatPage(channel);
    }

    /** Opens the page of a subject that another process has started. */
    static BeatPage open(Path file) throws IOException {
        return new BeatPage(FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    boolean isReady() throws IOException {
        return read(READY) != 0;
    }

    long beats() throws IOException {
        return read(BEATS);
    }

    /** CLOCK_MONOTONIC, nanoseconds. */
    long lastBeatNanos() throws IOException {
        return read(LAST_BEAT);
    }

    Duration longestGap() throws IOException {
        return Duration.ofNanos(read(LONGEST_GAP));
    }

    /** Lets the subject forget the longest gap so far; false if it does not answer within {@code limit}. */
    boolean forgetGap(Duration limit) throws IOException {
        return request(FORGET_GAP, limit);
    }

    /** Lets the subject check that it is whole; false if it is not, or does not answer within {@code limit}. */
    boolean verify(Duration limit) throws IOException {
        write(VERDICT, 0);
        return request(VERIFY, limit) && read(VERDICT) == WHOLE;
    }

    /** Waits until the subject has stamped more often than {@code beats} times. */
    boolean awaitMoreThan(long beats, Duration limit) throws IOException {
        long until = System.nanoTime() + limit.toNanos();
        while (beats() <= beats) {
            if (System.nanoTime() > until) {
                return false;
            }
            Pause.sleep(STEP);
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private boolean request(long what, Duration limit) throws IOException {
        write(REQUEST, what);
        long until = System.nanoTime() + limit.toNanos();
        while (read(REQUEST) != 0) {
            if (System.nanoTime() > until) {
                return false;
            }
            Pause.sleep(STEP);
        }
        return true;
    }

    private long read(int offset) throws IOException {
        ByteBuffer value = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        if (channel.read(value, offset) != Long.BYTES) {
            throw new IOException("the beat page has lost its content");
        }
        return value.getLong(0);
    }

    private void write(int offset, long value) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        channel.write(bytes.putLong(0, value), offset);
    }
}
