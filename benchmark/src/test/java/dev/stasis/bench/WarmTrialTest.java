// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WarmTrialTest {
    @Test
    void onlyLinesOfThreeNumbersAreSamples() {
        List<Map<Metric, Double>> samples =
                WarmTrial.samples(List.of("WARNING: something about access", "9000000 2500000 2600000", ""));

        assertEquals(List.of(Map.of(Metric.WALL, 9.0, Metric.FROZEN_STATS, 2.5, Metric.FROZEN_OUTSIDE, 2.6)), samples);
    }
}
