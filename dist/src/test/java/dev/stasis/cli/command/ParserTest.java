// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.cli.config.Settings;
import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.Failure;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.ParameterException;

class ParserTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-t 42 -D /d",
                "-t42 -D/d",
                "--tree 42 --images-dir /d",
                "--tree=42 --images-dir=/d",
                "--tre 42 --im=/d"
            })
    void valuesMayBeAttachedOrNot(String line) {
        Invocation options = parse(line);

        assertEquals("42", options.value("--tree", null));
        assertEquals("/d", options.value("--images-dir", null));
    }

    @Test
    void shortFlagsMayBeJoined() {
        Invocation options = parse("-Rjt42");

        assertTrue(options.flag("--leave-running", false));
        assertTrue(options.flag("--shell-job", false));
        assertFalse(options.flag("--leave-stopped", false));
        assertEquals("42", options.value("--tree", null));
    }

    @Test
    void aFlagOverrulesTheConfigurationBothWays() {
        assertFalse(parse("--leave-running=false").flag("--leave-running", true));
        assertFalse(parse("-R=no").flag("--leave-running", true));
        assertTrue(parse("-R").flag("--leave-running", false));
        assertTrue(parse("").flag("--leave-running", true));
    }

    @Test
    void theLastValueWins() {
        assertEquals("2", parse("-t 1 -t 2").value("--tree", null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-v3", "-vvv", "-v -vv", "-v -v -v", "--verbosity=3", "--verbosity 3", "-v1 -vv", "-Rv3"})
    void verbosityIsCountedOrGiven(String line) {
        assertEquals(3, parse(line).verbosity());
    }

    @Test
    void pluginsMayBeTakenOut() {
        assertEquals(
                List.of("a", "b", "-sockets", "-c"),
                parse("--plugin a,b --plugin -sockets --plugin=-c").values("--plugin"));
    }

    @Test
    void afterTwoDashesEverythingIsAnArgument() {
        assertEquals("-R", of("show -- -R").argument(null));
    }

    @Test
    void aWordAfterAnOptionWithoutValueIsAnArgument() {
        assertEquals("true", of("show -c true").argument(null));
        assertEquals("42", of("doctor -v 42").argument(null));
        assertEquals("@x", of("show @x").argument(null));
    }

    @Test
    void commonOptionsMayStandBeforeTheCommand() {
        Invocation options = of("-v -W dump --plugin a restore -D d -v --plugin b");

        assertEquals("dump", options.value("--work-dir", null));
        assertEquals("d", options.value("--images-dir", null));
        assertEquals(2, options.verbosity());
        assertEquals(List.of("a", "b"), options.values("--plugin"));
        assertEquals("c", of("-o b restore -o c").value("--log-file", null));
    }

    @Test
    void anUnknownOptionIsAnsweredWithTheNearest() {
        Failure failure = refused("--leave-runing");

        assertEquals("--leave-runing", failure.subject().resource());
        assertEquals("there is no such option", failure.why());
        assertEquals(List.of("write --leave-running, if that was meant", "see 'stasis help dump'"), failure.remedies());
        assertEquals(ErrorType.USER, failure.code().type());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-t", "-D -R", "-t --images-dir /d", "--images-dir", "--plugin"})
    void aForgottenValueIsNoticed(String line) {
        assertTrue(refused(line).why().contains("must follow"));
    }

    @Test
    void anAmbiguousBeginningIsRefused() {
        assertEquals(
                "it can mean --leave-running or --leave-stopped",
                refused("--leave").why());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-x", "-Rx", "-R=maybe", "--verbosity=high", "one two", "-", "one"})
    void nonsenseIsRefused(String line) {
        assertEquals("cli/BAD_USAGE", refused(line).id());
    }

    private static Invocation parse(String line) {
        return of("dump " + line);
    }

    private static Invocation of(String line) {
        Environment environment = new Environment(System.out, System.err, Map.of(), null, false);
        Settings settings = Settings.DEFAULTS;
        return new Invocation(Parser.parse(line.strip().split(" ")), settings, environment, Map.of());
    }

    private static Failure refused(String line) {
        ParameterException refused = assertThrows(ParameterException.class, () -> parse(line));
        return UsageErrors.of(refused).failures().get(0);
    }
}
