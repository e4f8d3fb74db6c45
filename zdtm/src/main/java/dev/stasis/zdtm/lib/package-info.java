// SPDX-License-Identifier: Apache-2.0
/**
 * The test driver: subjects, checkpoints and what a test may ask of them.
 *
 * <p>A test names a subject program ({@link dev.stasis.zdtm.lib.SubjectProgram}) and runs once per
 * {@link dev.stasis.zdtm.lib.Mode}, first without any checkpoint ({@link dev.stasis.zdtm.lib.ZdtmTest}). The tool is
 * driven by its command line alone. One thread per test; the {@link dev.stasis.zdtm.lib.Workshop} is shared by all.
 */
package dev.stasis.zdtm.lib;
