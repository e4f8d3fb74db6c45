// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.process.PluginConfig;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** The settings of one plugin, in HOCON. Immutable. */
final class HoconPluginConfig implements PluginConfig {
    private final Config section;
    private final String prefix;

    /**
     * @param section the plugin's own settings, resolved
     * @param prefix where they stand in the whole configuration, for messages
     */
    HoconPluginConfig(Config section, String prefix) {
        this.section = section;
        this.prefix = prefix;
    }

    @Override
    public Optional<String> string(String path) {
        return read(path, "a string", section::getString);
    }

    @Override
    public Optional<Boolean> bool(String path) {
        return read(path, "true or false", section::getBoolean);
    }

    @Override
    public Optional<Long> number(String path) {
        return read(path, "a whole number, or a size such as \"10 MiB\"", this::readNumber);
    }

    private Long readNumber(String path) {
        ConfigValue value = section.getValue(path);
        if (value.valueType() != ConfigValueType.NUMBER) {
            return section.getBytes(path);
        }
        try {
            // By way of the text: the library cuts 1.5 down to 1 without a word.
            return new BigDecimal(value.unwrapped().toString()).longValueExact();
        } catch (ArithmeticException e) {
            throw new ConfigException.WrongType(value.origin(), e.getMessage(), e);
        }
    }

    @Override
    public List<String> strings(String path) {
        return read(path, "a list of strings", section::getStringList).orElse(List.of());
    }

    @Override
    public Map<String, String> map(String path) {
        Map<String, String> entries = new TreeMap<>();
        read(path, "an object", section::getObject)
                .ifPresent(object -> object.forEach((key, value) -> {
                    ConfigValueType type = value.valueType();
                    if (type == ConfigValueType.OBJECT || type == ConfigValueType.LIST) {
                        throw wrong(
                                path + "." + ConfigUtil.quoteString(key),
                                value,
                                "a string (a key that contains dots needs quotes)",
                                null);
                    }
                    if (type != ConfigValueType.NULL) {
                        entries.put(key, value.unwrapped().toString());
                    }
                }));
        return Collections.unmodifiableMap(entries);
    }

    private <T> Optional<T> read(String path, String expected, Function<String, T> reader) {
        if (!section.hasPath(path)) {
            return Optional.empty();
        }
        try {
            return Optional.of(reader.apply(path));
        } catch (ConfigException e) {
            throw wrong(path, section.getValue(path), expected, e);
        }
    }

    private CrException wrong(String path, ConfigValue value, String expected, ConfigException cause) {
        return Failure.of(PluginFailure.PLUGIN_CONFIG, Subject.of(place(value.origin()) + ": " + prefix + "." + path))
                .why("it must be " + expected + ", and is " + describe(value))
                .remedy("correct the setting, or remove it to get the plugin's default")
                .plugin(Failure.KERNEL)
                .toException(cause);
    }

    /** The file and the line, as compilers write them. */
    static String place(ConfigOrigin origin) {
        String file = origin.filename();
        if (file == null) {
            return origin.description();
        }
        return origin.lineNumber() > 0 ? file + ":" + origin.lineNumber() : file;
    }

    private static String describe(ConfigValue value) {
        String type = value.valueType().name().toLowerCase(Locale.ROOT);
        boolean simple = value.valueType() != ConfigValueType.OBJECT && value.valueType() != ConfigValueType.LIST;
        return (type.equals("object") ? "an " : "a ") + type + (simple ? " (" + value.unwrapped() + ")" : "");
    }
}
