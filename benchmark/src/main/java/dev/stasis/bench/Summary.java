// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.util.Arrays;
import java.util.Collection;

/**
 * What several measurements of one thing amount to.
 *
 * @param count how many there are, at least one
 * @param median the middle one; of an even number the mean of the two in the middle
 * @param min the smallest
 * @param max the largest
 */
record Summary(int count, double median, double min, double max) {
    static Summary of(Collection<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values");
        }
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (Arrays.stream(sorted).anyMatch(value -> !Double.isFinite(value))) {
            throw new IllegalArgumentException("not a number among " + values);
        }
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Summary(sorted.length, median, sorted[0], sorted[sorted.length - 1]);
    }
}
