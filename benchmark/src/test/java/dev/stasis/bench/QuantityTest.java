// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stasis.bench.Metric.Unit;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuantityTest {
    @Test
    void threeDigitsMatter() {
        assertEquals("6.81 ms", Quantity.of(6.8123, Unit.MILLISECONDS));
        assertEquals("10.0 ms", Quantity.of(9.996, Unit.MILLISECONDS));
        assertEquals("87.4 ms", Quantity.of(87.39, Unit.MILLISECONDS));
        assertEquals("100 ms", Quantity.of(99.96, Unit.MILLISECONDS));
        assertEquals("812 ms", Quantity.of(812.4, Unit.MILLISECONDS));
        assertEquals("1.02 s", Quantity.of(1021, Unit.MILLISECONDS));
        assertEquals("118 MiB", Quantity.of(118.2, Unit.MEBIBYTES));
    }

    @Test
    void aSummaryHasItsRangeInTheUnitOfItsMedian() {
        assertEquals(
                "1.20 s [0.80 .. 3.00]", Quantity.of(Summary.of(List.of(800.0, 1200.0, 3000.0)), Unit.MILLISECONDS));
        assertEquals("900 ms [800 .. 1100]", Quantity.of(Summary.of(List.of(800.0, 900.0, 1100.0)), Unit.MILLISECONDS));
    }

    @Test
    void aSingleMeasurementHasNoRange() {
        assertEquals("5.00 ms", Quantity.of(Summary.of(List.of(5.0)), Unit.MILLISECONDS));
    }

    @Test
    void ratios() {
        assertEquals("0.68", Quantity.ratio(0.684));
        assertEquals("12.3", Quantity.ratio(12.34));
    }
}
