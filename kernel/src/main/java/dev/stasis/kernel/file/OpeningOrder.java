// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.process.ResourceId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sorts files so that each comes after those it requires. */
final class OpeningOrder {
    private static final String FILE = ResourceId.file(0).kind();

    private final Map<Integer, RestoredFile<?>> files;
    private final RestoreContext context;
    private final List<Failure> failures;
    private final Map<Integer, State> states = new HashMap<>();
    private final List<RestoredFile<?>> order = new ArrayList<>();

    private OpeningOrder(Map<Integer, RestoredFile<?>> files, RestoreContext context, List<Failure> failures) {
        this.files = files;
        this.context = context;
        this.failures = failures;
    }

    /**
     * The files that are needed, and those that they require, in an order that otherwise keeps that of {@code
     * needed}.
     *
     * @param failures gets cycles and requirements that do not exist
     */
    static List<RestoredFile<?>> of(
            Iterable<Integer> needed,
            Map<Integer, RestoredFile<?>> files,
            RestoreContext context,
            List<Failure> failures) {
        OpeningOrder order = new OpeningOrder(files, context, failures);
        for (int id : needed) {
            order.visit(id);
        }
        return order.order;
    }

    /** Depth first, with a stack of our own: images are untrusted, and a long chain must not end the thread. */
    private void visit(int start) {
        Deque<Step> stack = new ArrayDeque<>();
        push(stack, start);
        while (!stack.isEmpty()) {
            Step step = stack.peek();
            if (step.next == step.requires.size()) {
                stack.pop();
                states.put(step.file.id(), State.DONE);
                order.add(step.file);
                continue;
            }
            int required = step.requires.get(step.next++);
            State state = states.get(required);
            if (state == State.OPEN) {
                failures.add(context.failure(FileFailure.REQUIRES_CYCLE, Subject.of(step.file.describe()))
                        .why("it must be opened after a file that itself waits for it, the "
                                + files.get(required).describe())
                        .build());
            } else if (state == null && !push(stack, required)) {
                failures.add(context.failure(FileFailure.BAD_FILE_IMAGE, Subject.of(step.file.describe()))
                        .why("it requires the file with id " + Integer.toUnsignedString(required)
                                + ", which the images do not have")
                        .build());
            }
        }
    }

    private boolean push(Deque<Step> stack, int id) {
        RestoredFile<?> file = files.get(id);
        if (file == null) {
            return false;
        }
        if (states.containsKey(id)) {
            return true;
        }
        states.put(id, State.OPEN);
        List<Integer> requires = new ArrayList<>();
        for (ResourceId required : file.requires()) {
            if (required.kind().equals(FILE)) {
                requires.add((int) required.id());
            }
        }
        stack.push(new Step(file, requires));
        return true;
    }

    private enum State {
        OPEN,
        DONE
    }

    private static final class Step {
        private final RestoredFile<?> file;
        private final List<Integer> requires;
        private int next;

        Step(RestoredFile<?> file, List<Integer> requires) {
            this.file = file;
            this.requires = requires;
        }
    }
}
