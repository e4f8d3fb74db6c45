// SPDX-License-Identifier: Apache-2.0
/**
 * The commands, one class each, and how their options are read.
 *
 * <p>Options are declared through picocli's programming interface and not by annotations: reading annotations costs
 * more time at every start than all the rest of the parsing.
 */
package dev.stasis.cli.command;
