// SPDX-License-Identifier: Apache-2.0
/**
 * The commands, one class each, and how their options are read.
 */
package dev.stasis.cli.command;
