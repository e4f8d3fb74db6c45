// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import com.google.protobuf.StringValue;
import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.process.ResourceId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A handler as a plugin has it: claims files by the end of their path, and can be told what they require. */
final class PluginHandler implements FdHandler<StringValue> {
    private final ImageType<StringValue> image;
    private final String suffix;
    private final Map<String, Set<ResourceId>> requires = new HashMap<>();
    private final StringBuilder opened = new StringBuilder();

    PluginHandler(String name, String suffix) {
        this.image = ImageType.of(name, 1, StringValue.parser());
        this.suffix = suffix;
    }

    void require(String path, int fileId) {
        requires.computeIfAbsent(path, unused -> new HashSet<>()).add(ResourceId.file(fileId));
    }

    @Override
    public ImageType<StringValue> imageType() {
        return image;
    }

    @Override
    public boolean claims(OpenFile file) {
        return file.path().endsWith(suffix);
    }

    @Override
    public StringValue dump(OpenFile file, DumpContext context) {
        return StringValue.of(file.path());
    }

    @Override
    public Set<ResourceId> requires(StringValue saved) {
        return requires.getOrDefault(saved.getValue(), Set.of());
    }

    @Override
    public Fd open(StringValue saved, RestoreContext context) {
        LocalFd fd = LocalFiles.open(saved.getValue(), OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC);
        opened.append(saved.getValue().substring(saved.getValue().lastIndexOf('/') + 1))
                .append(' ');
        return fd;
    }

    /** The names of the files that have been opened, in order. */
    String opened() {
        return opened.toString().trim();
    }
}
