// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The C program that a test, or all tests of a class, drives. The method's annotation comes first. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface SubjectProgram {
    /** Its source below {@code zdtm/src/main/c}, for example {@code static/fd_pipe.c}. */
    String value();

    /** Its arguments. */
    String[] arguments() default {};
}
