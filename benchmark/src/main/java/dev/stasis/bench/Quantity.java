// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.util.Locale;

/** Numbers as people read them: three digits that matter, and a unit. */
final class Quantity {
    private Quantity() {}

    static String of(double value, Metric.Unit unit) {
        return switch (unit) {
            case MILLISECONDS -> value < 1000 ? threeDigits(value) + " ms" : threeDigits(value / 1000) + " s";
            case MEBIBYTES -> threeDigits(value) + " MiB";
        };
    }

    /** {@code median [min .. max]}; the median alone if there was one measurement. */
    static String of(Summary summary, Metric.Unit unit) {
        String median = of(summary.median(), unit);
        if (summary.count() == 1) {
            return median;
        }
        double scale = unit == Metric.Unit.MILLISECONDS && summary.median() >= 1000 ? 1000 : 1;
        return "%s [%s .. %s]"
                .formatted(median, threeDigits(summary.min() / scale), threeDigits(summary.max() / scale));
    }

    static String ratio(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
    }

    private static String threeDigits(double value) {
        String format = value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f";
        return String.format(Locale.ROOT, format, value);
    }
}
