// SPDX-License-Identifier: Apache-2.0
/** What cannot be done is refused before anything is changed, with process, resource, reason and remedy. */
package dev.stasis.zdtm.refusals;
