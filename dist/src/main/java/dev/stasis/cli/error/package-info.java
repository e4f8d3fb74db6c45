// SPDX-License-Identifier: Apache-2.0
/** Failures as people and machines read them: the text of style and its JSON. Stateless, any thread. */
package dev.stasis.cli.error;
