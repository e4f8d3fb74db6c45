// SPDX-License-Identifier: Apache-2.0
/** Programs that nobody here wrote, frozen in the middle of their work: their output is that of an undisturbed run. */
package dev.stasis.zdtm.programs;
