// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.typesafe.config.ConfigFactory;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.session.RestoreHook;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images can be read where the plugins that wrote them are, in the same or a newer version. */
class PluginRequirementsTest {
    private static final class Hook implements RestoreHook {}

    private static HandlerRegistry registry(String id, String version) {
        Owned<RestoreHook> hook = new Owned<>(
                new Hook(), id, version, new HoconPluginConfig(ConfigFactory.empty(), "stasis.plugin." + id));
        return new HandlerRegistry(List.of(), List.of(), List.of(), List.of(), List.of(hook));
    }

    private static List<Failure> check(String neededVersion, String version) {
        return PluginRequirements.check(
                List.of(new PluginRequirement("acme", neededVersion)), registry("acme", version));
    }

    @Test
    void sameOrNewerWillDo() {
        assertEquals(List.of(), check("1.2.0", "1.2.0"));
        assertEquals(List.of(), check("1.2.0", "1.10.0"));
        assertEquals(List.of(), check("1.2.0-beta.1", "1.2.0"));
        assertEquals(List.of(), check("not a version", "not a version"));
    }

    @Test
    void olderIsTooOld() {
        Failure failure = check("1.10.0", "1.2.0").get(0);

        assertEquals(PluginFailure.PLUGIN_MISSING, failure.code());
        assertEquals("version 1.10.0 wrote images, and only 1.2.0 is here", failure.why());
        assertEquals(1, check("\u0000", "1.2.0").size());
    }

    @Test
    void everyMissingPluginIsAFailure() {
        List<Failure> failures = PluginRequirements.check(
                List.of(
                        new PluginRequirement("acme", "1.0.0"),
                        new PluginRequirement("other", "3.1.0"),
                        new PluginRequirement("third", "0.1.0"),
                        new PluginRequirement(Failure.KERNEL, "99.0.0")),
                registry("acme", "1.0.0"));

        assertEquals(
                List.of("plugin other", "plugin third"),
                failures.stream().map(failure -> failure.subject().toString()).toList());
        assertEquals(
                "install plugin other >= 3.1.0 (a directory that holds its jar is named with --plugin-dir)",
                failures.get(0).remedies().get(0));
    }

    @Test
    void aPluginThatIsOnlySwitchedOffIsNamedAsSuch(@TempDir Path directory) throws IOException {
        PluginJar.good("acme").writeTo(directory, "acme.jar");
        PluginSettings settings = new PluginSettings(List.of(directory), List.of("-acme"), ConfigFactory.empty());
        try (PluginHost host = PluginHost.load(settings)) {
            Failure failure = PluginRequirements.check(List.of(new PluginRequirement("acme", "1.0.0")), host)
                    .get(0);

            assertEquals(
                    "it is there, version 1.0.0: select it with --plugin acme",
                    failure.remedies().get(0));
        }
    }
}
