// SPDX-License-Identifier: Apache-2.0
/** Mappings and pages: which there are, and their way from a task into an image and back. Tracer thread, but for the page scanner. */
package dev.stasis.kernel.memory;
