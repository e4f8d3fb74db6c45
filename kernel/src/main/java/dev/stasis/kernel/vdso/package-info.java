// SPDX-License-Identifier: Apache-2.0
/** The kernel's own code in every process, the vDSO, when it is another kernel's than the one that runs. Any thread. */
package dev.stasis.kernel.vdso;
