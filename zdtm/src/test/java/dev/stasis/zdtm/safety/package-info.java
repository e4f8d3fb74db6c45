// SPDX-License-Identifier: Apache-2.0
/** Whatever happens to the tool during a dump, the program goes on as before. */
package dev.stasis.zdtm.safety;
