// SPDX-License-Identifier: Apache-2.0
/** A whole dump or restore: phases, contexts, what is undone when it fails. Tracer thread. */
package dev.stasis.kernel.session;
