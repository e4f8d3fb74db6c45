// SPDX-License-Identifier: Apache-2.0
/**
 * Descriptors: what is open in the processes of a dump, who shares it, and how it is opened again.
 *
 * <p>{@link dev.stasis.kernel.file.FileTable} is the dump's half, {@link dev.stasis.kernel.file.FileRestore} the
 * restore's; between them stand the handlers, one class per kind of file. All of it runs on the tracer thread.
 */
package dev.stasis.kernel.file;
