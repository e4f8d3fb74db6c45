// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UndoLogTest {
    private final List<String> played = new ArrayList<>();
    private final UndoLog log = new UndoLog();

    @Test
    void aFailureUndoesTheLastChangeFirst() {
        log.onAbort("first", () -> played.add("first"));
        log.onEnd("second", () -> played.add("second"));
        log.onAbort("third", () -> played.add("third"));
        log.abort(new IllegalStateException("why"));
        assertEquals(List.of("third", "second", "first"), played);
    }

    @Test
    void aSuccessPlaysOnlyWhatIsAlwaysPlayed() {
        log.onEnd("first", () -> played.add("first"));
        log.onAbort("second", () -> played.add("second"));
        log.onEnd("third", () -> played.add("third"));
        log.end();
        assertEquals(List.of("third", "first"), played);
    }

    @Test
    void nothingIsPlayedTwice() {
        log.onAbort("first", () -> played.add("first"));
        log.abort(new IllegalStateException("why"));
        log.abort(new IllegalStateException("again"));
        assertEquals(List.of("first"), played);
    }

    @Test
    void anUndoThatFailsKeepsNoOtherFromBeingPlayed() {
        log.onAbort("first", () -> played.add("first"));
        log.onAbort("second", () -> {
            throw new IllegalArgumentException("broken");
        });
        log.onAbort("third", () -> {
            throw new StackOverflowError();
        });
        RuntimeException failure = new IllegalStateException("why");
        log.abort(failure);
        assertEquals(List.of("first"), played);
        assertEquals(2, failure.getSuppressed().length);
        assertTrue(failure.getSuppressed()[0].getMessage().contains("third"));
        assertTrue(failure.getSuppressed()[1].getCause() instanceof IllegalArgumentException);
    }

    @Test
    void aCleaningUpThatFailsIsToldAtTheEnd() {
        log.onEnd("files", () -> {
            throw new IllegalArgumentException("broken");
        });
        IllegalStateException failure = assertThrows(IllegalStateException.class, log::end);
        assertTrue(failure.getSuppressed()[0].getMessage().contains("files"));
    }
}
