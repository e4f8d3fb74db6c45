// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.process;

import dev.stasis.spi.Stable;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of one plugin: the configuration below {@code stasis.plugin.<plugin-id>}, over the
 * {@code reference.conf} in the plugin's jar.
 *
 * <p>Paths are dotted. A value of the wrong type ends in a failure that names file, line and path.
 */
@Stable(since = "1.0")
public interface PluginConfig {
    Optional<String> string(String path);

    Optional<Boolean> bool(String path);

    /** A number; sizes such as {@code 10 MiB} are given in bytes. */
    Optional<Long> number(String path);

    /** A list of strings, empty if it is not set. */
    List<String> strings(String path);

    /** The entries of an object whose values are strings, in the order of their keys; empty if it is not set. */
    Map<String, String> map(String path);
}
