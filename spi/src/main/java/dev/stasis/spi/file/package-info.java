// SPDX-License-Identifier: Apache-2.0
/** Kinds of file descriptors: saved and reopened by one handler each. Tracer thread only. */
package dev.stasis.spi.file;
