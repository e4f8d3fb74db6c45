// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import dev.stasis.cli.error.CliCode;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Turns configuration files into {@link Settings}; reports all that is wrong with them at once. */
final class ConfigReader {
    private static final int MAX_LOG_LEVEL = 4;

    private final Config config;
    private final List<Failure> failures = new ArrayList<>();

    private ConfigReader(Config config) {
        this.config = config;
    }

    /** @param files existing files, the least important first */
    static Settings read(List<Path> files) {
        Config merged = ConfigFactory.empty();
        for (Path file : files) {
            merged = parse(file).withFallback(merged);
        }
        Config reference = reference();
        ConfigReader reader = new ConfigReader(resolve(merged, files).withFallback(reference));
        reader.failures.addAll(UnknownSettings.find(reader.config.root(), reference.root()));
        Settings settings = reader.settings();
        if (!reader.failures.isEmpty()) {
            throw new CrException(reader.failures);
        }
        return settings;
    }

    /** The defaults, with every key that exists. */
    static Config reference() {
        return ConfigFactory.parseResources(
                ConfigReader.class.getClassLoader(), "reference.conf", strict().setOriginDescription("reference.conf"));
    }

    private static Config parse(Path file) {
        try {
            return ConfigFactory.parseFile(file.toFile(), strict());
        } catch (ConfigException e) {
            throw badFile(file, e);
        }
    }

    private static ConfigParseOptions strict() {
        return ConfigParseOptions.defaults().setAllowMissing(false);
    }

    private static Config resolve(Config merged, List<Path> files) {
        try {
            return merged.resolve();
        } catch (ConfigException e) {
            throw badFile(files.get(files.size() - 1), e);
        }
    }

    private static CrException badFile(Path file, ConfigException e) {
        ConfigOrigin origin = e.origin();
        return Failure.of(CliCode.BAD_CONFIG_FILE, Subject.of(origin == null ? file.toString() : place(origin)))
                .plugin(CliCode.OWNER)
                .why(reason(e))
                .toException(e);
    }

    private Settings settings() {
        return new Settings(
                strings("stasis.plugins"),
                paths("stasis.plugin-dirs"),
                bool("stasis.progress"),
                level("stasis.log.level"),
                string("stasis.log.file"),
                new Settings.Dump(
                        string("stasis.dump.images-dir"),
                        string("stasis.dump.work-dir"),
                        bool("stasis.dump.leave-running"),
                        bool("stasis.dump.leave-stopped"),
                        bool("stasis.dump.shell-job")),
                new Settings.Restore(
                        string("stasis.restore.images-dir"),
                        string("stasis.restore.work-dir"),
                        bool("stasis.restore.detached"),
                        bool("stasis.restore.leave-stopped"),
                        bool("stasis.restore.shell-job"),
                        string("stasis.restore.pidfile")),
                config);
    }

    private String string(String key) {
        try {
            return config.getString(key);
        } catch (ConfigException e) {
            return failed(key, e, "");
        }
    }

    private boolean bool(String key) {
        try {
            return config.getBoolean(key);
        } catch (ConfigException e) {
            return failed(key, e, false);
        }
    }

    private int level(String key) {
        try {
            int level = config.getInt(key);
            if (level < 0 || level > MAX_LOG_LEVEL) {
                failures.add(badSetting(key, config.getValue(key).origin(), "the level is " + level + ", not 0 to 4"));
            }
            return level;
        } catch (ConfigException e) {
            return failed(key, e, 0);
        }
    }

    private List<String> strings(String key) {
        try {
            return config.getStringList(key);
        } catch (ConfigException e) {
            return failed(key, e, List.of());
        }
    }

    /** Paths that start at the file that names them: the current directory means nothing to a file in /etc. */
    private List<Path> paths(String key) {
        List<Path> paths = new ArrayList<>();
        try {
            for (ConfigValue value : config.getList(key)) {
                Path path = Path.of(value.unwrapped().toString());
                String file = value.origin().filename();
                paths.add(file == null ? path : Path.of(file).resolveSibling(path));
            }
            return paths;
        } catch (ConfigException e) {
            return failed(key, e, paths);
        }
    }

    private <T> T failed(String key, ConfigException e, T instead) {
        failures.add(badSetting(key, e.origin(), reason(e)));
        return instead;
    }

    private static Failure badSetting(String key, ConfigOrigin origin, String why) {
        return Failure.of(CliCode.BAD_SETTING, Subject.of(origin == null ? key : place(origin) + ": " + key))
                .plugin(CliCode.OWNER)
                .why(why)
                .remedy("see this key in the reference.conf of the distribution")
                .build();
    }

    /** {@code file:line}. */
    static String place(ConfigOrigin origin) {
        String file = origin.filename() == null ? origin.description() : origin.filename();
        return origin.lineNumber() > 0 ? file + ":" + origin.lineNumber() : file;
    }

    /** The library's message without the place, which the subject has. */
    private static String reason(ConfigException e) {
        String message = String.valueOf(e.getMessage());
        String description = e.origin() == null ? "" : e.origin().description() + ": ";
        return message.startsWith(description) ? message.substring(description.length()) : message;
    }
}
