// SPDX-License-Identifier: Apache-2.0
/** Subjects whose state rests while they are dumped: one kernel feature each. */
package dev.stasis.zdtm.statics;
