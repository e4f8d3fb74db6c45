// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.programs;

import java.io.File;
import java.io.FileWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A program for a JVM under test: threads that compute, and allocate much more than the heap holds.
 *
 * <p>Each thread repeats its work and insists on the same result every time, until it may finish. Arguments: the file for
 * the results, a file to make once the work is under way, and the file that tells to finish.
 */
public final class Churn {
    private static final int THREADS = 4;
    private static final int ROUNDS = 60;

    private Churn() {}

    public static void main(String[] arguments) throws InterruptedException, IOException {
        // java.io, because the channels of java.nio hold a pair of sockets, which takes a plugin.
        File underWay = new File(arguments[1]);
        File mayFinish = new File(arguments[2]);
        String[] results = new String[THREADS];
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            Thread thread = new Thread(() -> results[number] = repeat(number, underWay, mayFinish), "churn-" + i);
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        try (Writer out = new FileWriter(arguments[0], StandardCharsets.UTF_8)) {
            out.write(String.join("\n", results) + "\n");
        }
    }

    private static String repeat(int seed, File underWay, File mayFinish) {
        long first = work(seed);
        make(underWay);
        for (int turn = 1; turn < 5 || !mayFinish.exists(); turn++) {
            long again = work(seed);
            if (again != first) {
                return "turn " + turn + " gave " + again + " instead of " + first;
            }
        }
        return Long.toHexString(first);
    }

    private static long work(int seed) {
        long state = seed + 1;
        long sum = 0;
        Map<String, byte[]> kept = new HashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < 200; i++) {
                state = state * 6364136223846793005L + 1442695040888963407L;
                String key = "key-" + Long.remainderUnsigned(state, 500);
                byte[] value = new byte[(int) Long.remainderUnsigned(state >>> 20, 8000) + 16];
                value[(int) Long.remainderUnsigned(state >>> 7, value.length)] = (byte) state;
                byte[] old = kept.put(key, value);
                sum += old == null ? key.hashCode() : checksum(old);
            }
        }
        for (Map.Entry<String, byte[]> entry : kept.entrySet()) {
            sum += entry.getKey().hashCode() * checksum(entry.getValue());
        }
        return sum;
    }

    private static long checksum(byte[] bytes) {
        long sum = 7;
        for (byte b : bytes) {
            sum = sum * 31 + b;
        }
        return sum;
    }

    private static synchronized void make(File file) {
        try {
            file.createNewFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
