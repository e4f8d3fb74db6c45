// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.error;

/**
 * Makes text from outside fit for a terminal. Names of processes and files may hold anything, also escape sequences
 * that repaint a terminal or forge lines of ours.
 */
public final class Printable {
    private Printable() {}

    /** The text with control characters written as {@code \xNN}; always one line. */
    public static String of(String text) {
        return escape(text, false);
    }

    /** As {@link #of}, but line ends stay. */
    public static String lines(String text) {
        return escape(text, true);
    }

    private static String escape(String text, boolean keepLines) {
        StringBuilder escaped = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean bad = Character.isISOControl(c) && !(keepLines && c == '\n');
            if (bad && escaped == null) {
                escaped = new StringBuilder(text.substring(0, i));
            }
            if (bad) {
                escaped.append(hex(c));
            } else if (escaped != null) {
                escaped.append(c);
            }
        }
        return escaped == null ? text : escaped.toString();
    }

    private static String hex(char c) {
        return "\\x" + Character.forDigit(c >> 4 & 0xf, 16) + Character.forDigit(c & 0xf, 16);
    }
}
