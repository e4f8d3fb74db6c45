// SPDX-License-Identifier: Apache-2.0
/**
 * Where log lines go: SLF4J is bound to java.util.logging, which has one handler of ours. The launcher names the
 * binding in a system property, so that no start searches all jars for it. Any thread may log.
 */
package dev.stasis.cli.log;
