// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.error;

import java.util.Collection;
import java.util.Optional;

/** Finds the name that somebody probably meant. */
public final class Nearest {
    private Nearest() {}

    /** The candidate with the fewest edits, if it is near enough to be worth a question. */
    public static Optional<String> to(String typed, Collection<String> candidates) {
        String best = null;
        int fewest = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            int edits = candidate.startsWith(typed) && typed.length() > 2 ? 1 : distance(typed, candidate);
            if (edits < fewest) {
                fewest = edits;
                best = candidate;
            }
        }
        // A third of the letters wrong is a typing error; more is another word.
        return best != null && fewest <= Math.max(2, best.length() / 3) && fewest + 1 < typed.length()
                ? Optional.of(best)
                : Optional.empty();
    }

    /** Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other. */
    static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] current = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(last[j], current[j - 1]));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    current[j] = Math.min(current[j], beforeLast[j - 2] + 1);
                }
            }
            int[] recycled = beforeLast;
            beforeLast = last;
            last = current;
            current = recycled;
        }
        return last[b.length()];
    }
}
