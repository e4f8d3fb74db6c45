// SPDX-License-Identifier: Apache-2.0
/** The command line {@code stasis}: from arguments to an exit status. One thread, unless a class says otherwise. */
package dev.stasis.cli;
