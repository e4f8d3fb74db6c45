// SPDX-License-Identifier: Apache-2.0
/** Subjects whose state changes all the time while they are dumped. */
package dev.stasis.zdtm.transition;
