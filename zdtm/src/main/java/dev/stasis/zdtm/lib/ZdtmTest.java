// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test of a subject program: the method gets a {@link Subject} and a {@link CheckpointRestore} and runs once per
 * mode.
 *
 * <pre>{@code
 * @ZdtmTest
 * @SubjectProgram("static/fd_eventfd.c")
 * void countersAndSemaphores(Subject subject, CheckpointRestore cr) {
 *     cr.survive(subject);
 * }
 * }</pre>
 *
 * <p>If the native run fails, the others are not tried: they could tell nothing about the tool.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@TestTemplate
@ExtendWith(ZdtmExtension.class)
public @interface ZdtmTest {
    /** In this order. A test of a refusal has {@link Mode#RESTORED} alone. */
    Mode[] modes() default {Mode.NATIVE, Mode.LEFT_RUNNING, Mode.RESTORED};

    /** Given to every dump and restore. */
    String[] options() default {};

    /** How often {@link CheckpointRestore#survive} dumps and restores. */
    int iterations() default 1;

    /**
     * Whether what {@code /proc} shows before the dump must be there afterwards. Off for subjects that change all the
     * time.
     */
    boolean compareState() default true;
}
