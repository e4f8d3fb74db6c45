// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.FailureCode;

/** What can be wrong with plugins, their selection and their settings. */
public enum PluginFailure implements FailureCode {
    /** A directory of plugins is missing, is none or cannot be read. */
    PLUGIN_DIRECTORY(ErrorType.USER),
    /** The selection names a plugin that is not there. */
    PLUGIN_UNKNOWN(ErrorType.USER),
    /** A setting of a plugin has the wrong type or cannot be resolved. */
    PLUGIN_CONFIG(ErrorType.USER),
    /** A jar cannot be opened. */
    PLUGIN_CORRUPT(ErrorType.ENVIRONMENT),
    /** Everybody may change a plugin's files, and the plugin would run as root. */
    PLUGIN_WRITABLE(ErrorType.ENVIRONMENT),
    /** Two plugins have the same id. */
    PLUGIN_DUPLICATE(ErrorType.ENVIRONMENT),
    /** A plugin asks for another version of the SPI. */
    PLUGIN_REQUIRES(ErrorType.ENVIRONMENT),
    /** A plugin asks for another plugin that is not active. */
    PLUGIN_DEPENDENCY(ErrorType.ENVIRONMENT),
    /** Images need a plugin that is not active, or a newer version of one. */
    PLUGIN_MISSING(ErrorType.ENVIRONMENT),
    /** The manifest lacks an entry or holds a malformed one. */
    PLUGIN_MANIFEST(ErrorType.INTERNAL),
    /** The plugin holds no index of its extensions. */
    PLUGIN_NO_EXTENSIONS(ErrorType.INTERNAL),
    /** A class of the plugin needs a newer Java. */
    PLUGIN_CLASS_VERSION(ErrorType.INTERNAL),
    /** A class of the plugin cannot be loaded, made or started. */
    PLUGIN_BROKEN(ErrorType.INTERNAL),
    /** The name of an image is taken, or is not the plugin's to take. */
    PLUGIN_IMAGE_TYPE(ErrorType.INTERNAL);

    private final ErrorType type;

    PluginFailure(ErrorType type) {
        this.type = type;
    }

    @Override
    public ErrorType type() {
        return type;
    }
}
