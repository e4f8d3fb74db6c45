// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where things are.
 *
 * @param sources the C sources
 * @param work what the tests write, {@code target/zdtm}
 * @param tool the command line under test
 */
public record Places(Path sources, Path work, Path tool) {
    /** Finds them from the module's directory, or from the properties {@code zdtm.dir} and {@code zdtm.tool}. */
    static Places find() {
        Path module = Path.of(System.getProperty("zdtm.dir", System.getProperty("basedir", ".")))
                .toAbsolutePath()
                .normalize();
        Path sources = module.resolve("src/main/c");
        if (!Files.isDirectory(sources)) {
            throw new IllegalStateException(
                    "no subject programs in " + sources + "; set -Dzdtm.dir to the module's directory");
        }
        Path tool = Path.of(System.getProperty(
                "zdtm.tool",
                module.resolveSibling("dist")
                        .resolve("target/stasis/bin/stasis")
                        .toString()));
        return new Places(
                sources, module.resolve("target/zdtm"), tool.toAbsolutePath().normalize());
    }

    /** The tool; fails if it has not been built. */
    public Path builtTool() {
        if (!Files.isExecutable(tool)) {
            throw new IllegalStateException("there is no " + tool + "; build it with: mvn -DskipTests package");
        }
        return tool;
    }
}
