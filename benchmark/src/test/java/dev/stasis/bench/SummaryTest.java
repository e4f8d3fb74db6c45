// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
    @Test
    void medianOfAnOddNumberIsTheMiddleOne() {
        assertEquals(new Summary(3, 2, 1, 9), Summary.of(List.of(9.0, 1.0, 2.0)));
    }

    @Test
    void medianOfAnEvenNumberIsTheMeanOfTheTwoInTheMiddle() {
        assertEquals(new Summary(4, 2.5, 1, 9), Summary.of(List.of(9.0, 3.0, 1.0, 2.0)));
    }

    @Test
    void oneValueIsItsOwnSummary() {
        assertEquals(new Summary(1, 7, 7, 7), Summary.of(List.of(7.0)));
    }

    @Test
    void nothingHasNoSummary() {
        assertThrows(IllegalArgumentException.class, () -> Summary.of(List.of()));
    }

    @Test
    void whatIsNotANumberIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Summary.of(List.of(1.0, Double.NaN)));
    }
}
