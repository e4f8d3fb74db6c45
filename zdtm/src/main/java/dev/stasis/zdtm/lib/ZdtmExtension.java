// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** Runs a {@link ZdtmTest} once per mode. */
final class ZdtmExtension implements TestTemplateInvocationContextProvider {
    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getTestMethod(), ZdtmTest.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        ZdtmTest test = AnnotationSupport.findAnnotation(context.getTestMethod(), ZdtmTest.class)
                .orElseThrow();
        Optional<SubjectProgram> program = AnnotationSupport.findAnnotation(
                        context.getTestMethod(), SubjectProgram.class)
                .or(() -> AnnotationSupport.findAnnotation(context.getTestClass(), SubjectProgram.class));
        NativeVerdict verdict = new NativeVerdict();
        return Arrays.stream(test.modes())
                .filter(ZdtmExtension::isWanted)
                .map(mode -> invocation(new ZdtmRun(test, program, mode, verdict)));
    }

    /** {@code -Dzdtm.modes=NATIVE} runs the subjects alone, for whoever writes one. */
    private static boolean isWanted(Mode mode) {
        String wanted = System.getProperty("zdtm.modes", "");
        return wanted.isEmpty() || List.of(wanted.split(",")).contains(mode.name());
    }

    @Override
    public boolean mayReturnZeroTestTemplateInvocationContexts(ExtensionContext context) {
        return !System.getProperty("zdtm.modes", "").isEmpty();
    }

    private static TestTemplateInvocationContext invocation(ZdtmRun run) {
        return new TestTemplateInvocationContext() {
            @Override
            public String getDisplayName(int index) {
                return run.mode().title();
            }

            @Override
            public List<Extension> getAdditionalExtensions() {
                return List.of(run);
            }
        };
    }

    /** Whether the native run of a test has failed. */
    static final class NativeVerdict {
        private boolean failed;

        void fail() {
            failed = true;
        }

        boolean hasFailed() {
            return failed;
        }
    }
}
