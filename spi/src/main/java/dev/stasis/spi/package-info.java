// SPDX-License-Identifier: Apache-2.0
/** What a plugin is compiled against; nothing else of Stasis is visible to it. */
package dev.stasis.spi;
