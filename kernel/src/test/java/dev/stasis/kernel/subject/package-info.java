// SPDX-License-Identifier: Apache-2.0
/** Real processes for the kernel's tests: started, stopped, looked at. */
package dev.stasis.kernel.subject;
