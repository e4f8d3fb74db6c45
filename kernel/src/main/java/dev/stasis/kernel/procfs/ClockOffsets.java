// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

/**
 * How far the clocks of a time namespace are ahead of the machine's: {@code /proc/PID/timens_offsets}, see
 * time_namespaces(7).
 *
 * @param monotonic of CLOCK_MONOTONIC, in nanoseconds
 * @param boottime of CLOCK_BOOTTIME, in nanoseconds
 */
public record ClockOffsets(long monotonic, long boottime) {
    /** Of a kernel without time namespaces. */
    public static final ClockOffsets NONE = new ClockOffsets(0, 0);

    private static final long SECOND = 1_000_000_000L;

    /** Parses the file's content. */
    public static ClockOffsets parse(byte[] text) {
        ByteScanner scanner = new ByteScanner(text);
        long monotonic = 0;
        long boottime = 0;
        while (!scanner.atEnd()) {
            String clock = scanner.word();
            long seconds = number(scanner);
            long nanos = seconds * SECOND + number(scanner);
            if (clock.equals("monotonic")) {
                monotonic = nanos;
            } else if (clock.equals("boottime")) {
                boottime = nanos;
            }
            scanner.nextLine();
        }
        return new ClockOffsets(monotonic, boottime);
    }

    private static long number(ByteScanner scanner) {
        scanner.skipBlanks();
        return scanner.decimal();
    }

    /** What is written to the file to set them. */
    public String text() {
        return line("monotonic", monotonic) + line("boottime", boottime);
    }

    /** The nanoseconds count forward, whichever way the offset goes. */
    private static String line(String clock, long nanos) {
        return clock + " " + Math.floorDiv(nanos, SECOND) + " " + Math.floorMod(nanos, SECOND) + "\n";
    }
}
