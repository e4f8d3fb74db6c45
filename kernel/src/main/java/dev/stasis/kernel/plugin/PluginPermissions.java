// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.error.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Refuses plugins that anybody on the machine could have written, because what is in them is run as root.
 *
 * <p>Looked at are the plugin's files and every directory on the way to them, with symbolic links resolved. A
 * directory like {@code /tmp} on the way is harmless: its sticky bit keeps others from replacing what is in it. A
 * directory of plugins itself is not, since others may add to it.
 */
final class PluginPermissions {
    private static final int WRITABLE_BY_OTHERS = 0002;
    private static final int STICKY = 01000;
    private static final int DIRECTORY = 0040000;
    private static final int TYPE = 0170000;

    private PluginPermissions() {}

    /** Whether this process runs as root, so that plugins have to be looked at. */
    static boolean runAsRoot() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (IOException e) {
            // Without /proc nothing can be dumped either; until that is reported, the careful answer is right.
            return true;
        }
    }

    /** The failure of a plugin whose files are open to others, empty if they are not. */
    static Optional<Failure> check(PluginCandidate candidate) {
        try {
            for (Path part : partsOf(candidate)) {
                if ((mode(part) & WRITABLE_BY_OTHERS) != 0) {
                    return Optional.of(writable(candidate, part));
                }
            }
            for (Path way = candidate.directory().toRealPath().getParent(); way != null; way = way.getParent()) {
                if ((mode(way) & (WRITABLE_BY_OTHERS | STICKY)) == WRITABLE_BY_OTHERS) {
                    return Optional.of(writable(candidate, way));
                }
            }
            return Optional.empty();
        } catch (IOException | UncheckedIOException e) {
            return Optional.of(Failure.of(PluginFailure.PLUGIN_CORRUPT, candidate.subject())
                    .why("its permissions cannot be read: " + e.getMessage())
                    .remedy("copy the plugin again")
                    .plugin(Failure.KERNEL)
                    .cause(e)
                    .build());
        }
    }

    private static List<Path> partsOf(PluginCandidate candidate) throws IOException {
        Path path = candidate.path().toRealPath();
        try (Stream<Path> files = Files.walk(path)) {
            // A symbolic link may lead the jar to another directory, which is then open to others or not.
            return Stream.concat(Stream.of(candidate.directory(), path.getParent()), files)
                    .toList();
        }
    }

    private static int mode(Path path) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:mode");
    }

    private static Failure writable(PluginCandidate candidate, Path part) throws IOException {
        boolean directory = (mode(part) & TYPE) == DIRECTORY;
        return Failure.of(PluginFailure.PLUGIN_WRITABLE, candidate.subject())
                .why("every user may change " + (directory ? "the directory " : "") + part
                        + ", and the plugin would run as root")
                .remedy("chmod o-w " + part + (directory ? "" : ", once you know where its content comes from"))
                .plugin(Failure.KERNEL)
                .build();
    }
}
