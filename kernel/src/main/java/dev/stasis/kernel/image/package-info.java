// SPDX-License-Identifier: Apache-2.0
/**
 * Images: the files of a dump, in CRIU's format v1.1 plus a manifest of our own.
 *
 * <p>Everything read is untrusted: lengths are compared with what the file really holds before anything is
 * allocated, nothing but plain files is opened, and whatever is wrong ends in a
 * {@link dev.stasis.spi.error.CrException} that names file, offset, what was found and what was expected.
 *
 * <p><b>Threading:</b> an {@link dev.stasis.kernel.image.ImageDirectory} may be used by any number of threads as
 * long as no two work on the same file; readers and appenders belong to one thread at a time. There are no locks.
 */
package dev.stasis.kernel.image;
