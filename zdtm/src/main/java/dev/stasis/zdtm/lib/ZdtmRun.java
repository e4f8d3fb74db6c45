// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** One run of a test in one mode: makes its parameters, and clears up after it. */
final class ZdtmRun implements ParameterResolver, BeforeEachCallback, AfterEachCallback, TestExecutionExceptionHandler {
    private final ZdtmTest test;
    private final Optional<SubjectProgram> program;
    private final Mode mode;
    private final ZdtmExtension.NativeVerdict verdict;
    private TestArea area;
    private Subject subject;
    private CheckpointRestore checkpointRestore;

    ZdtmRun(ZdtmTest test, Optional<SubjectProgram> program, Mode mode, ZdtmExtension.NativeVerdict verdict) {
        this.test = test;
        this.program = program;
        this.mode = mode;
        this.verdict = verdict;
    }

    Mode mode() {
        return mode;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Subject.class || type == CheckpointRestore.class || type == TestArea.class || type == Tool.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == TestArea.class) {
            return area(context);
        }
        if (type == Subject.class) {
            return subject(context);
        }
        return type == Tool.class ? checkpointRestore(context).tool() : checkpointRestore(context);
    }

    private TestArea area(ExtensionContext context) {
        if (area == null) {
            String name = context.getRequiredTestClass().getSimpleName() + "/"
                    + context.getRequiredTestMethod().getName() + "-"
                    + mode.name().toLowerCase(Locale.ROOT);
            area = new TestArea(Workshop.of(context), name);
        }
        return area;
    }

    private Subject subject(ExtensionContext context) {
        if (subject == null) {
            subject = new Subject(
                    area(context),
                    program.map(chosen -> Workshop.of(context).compiler().program(chosen.value())),
                    program.map(SubjectProgram::arguments).orElse(new String[0]));
        }
        return subject;
    }

    private CheckpointRestore checkpointRestore(ExtensionContext context) {
        if (checkpointRestore == null) {
            checkpointRestore = new CheckpointRestore(area(context), mode, test);
        }
        return checkpointRestore;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Assertions.assertFalse(verdict.hasFailed(), "the subject does not even pass without a checkpoint");
    }

    /** Says where everything is that helps to understand the failure. */
    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        if (failure instanceof TestAbortedException || area == null) {
            throw failure;
        }
        throw new AssertionError(failure.getMessage() + "\nkept: " + area.directory(), failure);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        boolean failed = context.getExecutionException()
                .filter(exception -> !(exception instanceof TestAbortedException))
                .isPresent();
        if (failed && mode == Mode.NATIVE) {
            verdict.fail();
        }
        if (area == null) {
            return;
        }
        List<Integer> left = area.killLeftovers();
        if (!failed) {
            boolean skipped = context.getExecutionException().isPresent();
            Assertions.assertTrue(skipped || left.isEmpty(), () -> "processes were left behind: " + left);
            TestArea.delete(area.directory());
        }
    }
}
