// SPDX-License-Identifier: Apache-2.0
/** The progress bar. The kernel's threads only store numbers; a thread of this package draws them. */
package dev.stasis.cli.progress;
