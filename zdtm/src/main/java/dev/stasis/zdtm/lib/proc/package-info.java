// SPDX-License-Identifier: Apache-2.0
/** What an observer sees of processes in {@code /proc}: pure reading, any thread. */
package dev.stasis.zdtm.lib.proc;
