// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a type that plugins may rely on: it changes only by additions until the next major version. */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Stable {
    /** The version that first promised this. */
    String since();
}
