// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ScenariosTest {
    private static final Set<Storage> BOTH = EnumSet.allOf(Storage.class);

    @Test
    void aKindStandsForAllItsSizes() {
        List<Scenario> selected = Scenarios.select(Scenarios.all(false), List.of("children"), BOTH);

        assertEquals(
                List.of("children-100", "children-1000"),
                selected.stream().map(Scenario::subject).toList());
    }

    @Test
    void aSubjectStandsForItself() {
        List<Scenario> selected = Scenarios.select(Scenarios.all(false), List.of("children-1000"), BOTH);

        assertEquals(1, selected.size());
        assertEquals(1000, selected.get(0).size());
    }

    @Test
    void storageDecidesAboutMemoryOnly() {
        List<Scenario> selected = Scenarios.select(Scenarios.all(false), List.of(), EnumSet.of(Storage.DISK));

        assertTrue(selected.stream()
                .filter(scenario -> scenario.kind().equals(Scenario.MEMORY))
                .allMatch(scenario -> scenario.storage() == Storage.DISK));
        assertTrue(selected.stream().anyMatch(scenario -> scenario.kind().equals(Scenario.SLEEPER)));
    }

    @Test
    void anUnknownNameIsRefusedWithTheListOfKnownOnes() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> Scenarios.select(Scenarios.all(false), List.of("sleper"), BOTH));

        assertTrue(refused.getMessage().contains("sleper"));
        assertTrue(refused.getMessage().contains("threads-1000"));
    }

    @Test
    void theQuickProgrammeHasTheSameShape() {
        assertEquals(
                Scenarios.all(false).stream().map(Scenario::kind).toList(),
                Scenarios.all(true).stream().map(Scenario::kind).toList());
    }

    @Test
    void everyTargetIsForAScenarioOfTheFullProgramme() {
        Set<Scenario> known = Scenarios.all(false).stream().collect(Collectors.toSet());

        Target.all(17).forEach(target -> assertTrue(known.contains(target.scenario()), target.toString()));
    }
}
