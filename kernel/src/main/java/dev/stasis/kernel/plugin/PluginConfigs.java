// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.process.PluginConfig;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;

/** Puts a plugin's settings together: the user's, over the defaults in the plugin's {@code reference.conf}. */
final class PluginConfigs {
    private static final String DEFAULTS = "reference.conf";

    private PluginConfigs() {}

    /**
     * @param root the whole configuration
     * @throws CrException if the defaults cannot be read, or the plugin's section is not an object
     */
    static PluginConfig of(Config root, PluginCandidate candidate, SpiClassLoader loader) {
        String prefix = ConfigUtil.joinPath("stasis", "plugin", candidate.id());
        try {
            // Resolved together, so that the defaults may refer to the user's settings and the other way round.
            Config whole = root.withFallback(defaults(candidate, loader)).resolve();
            Config section = whole.hasPath(prefix) ? whole.getConfig(prefix) : ConfigFactory.empty();
            return new HoconPluginConfig(section, prefix);
        } catch (ConfigException e) {
            String place = e.origin() == null ? "" : HoconPluginConfig.place(e.origin()) + ": ";
            throw Failure.of(PluginFailure.PLUGIN_CONFIG, candidate.subject())
                    .why("its settings cannot be read: " + place + e.getMessage())
                    .remedy("correct " + prefix + " in the configuration, or report the plugin's " + DEFAULTS
                            + " to its vendor")
                    .plugin(Failure.KERNEL)
                    .toException(e);
        }
    }

    private static Config defaults(PluginCandidate candidate, SpiClassLoader loader) {
        // The plugin's own file alone: libraries in lib/ may bring theirs, and they configure themselves.
        URL url = loader.findResource(DEFAULTS);
        if (url == null) {
            return ConfigFactory.empty();
        }
        try {
            URLConnection connection = url.openConnection();
            connection.setUseCaches(false);
            try (Reader reader = new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8)) {
                return ConfigFactory.parseReader(
                        reader, ConfigParseOptions.defaults().setOriginDescription(candidate.path() + "!" + DEFAULTS));
            }
        } catch (IOException e) {
            throw new CrException(PluginProblem.of(candidate, "its " + DEFAULTS + " cannot be read", e));
        }
    }
}
