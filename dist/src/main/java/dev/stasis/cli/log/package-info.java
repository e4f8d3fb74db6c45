// SPDX-License-Identifier: Apache-2.0
/**
 * Where log lines go. SLF4J finds {@link dev.stasis.cli.log.LogProvider} through a system property, so that neither
 * java.util.logging nor a search of all jars is paid for at every start. Any thread may log.
 */
package dev.stasis.cli.log;
