// SPDX-License-Identifier: Apache-2.0
/** System calls in the tool and in stopped tasks. Tracer thread only, except for the enums. */
package dev.stasis.spi.os;
