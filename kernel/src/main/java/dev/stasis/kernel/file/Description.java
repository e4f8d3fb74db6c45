// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.plugin.Owned;
import dev.stasis.spi.file.FdHandler;
import java.util.ArrayList;
import java.util.List;

/** One open file description of a dump, with all descriptors that lead to it and the handler that saves it. */
final class Description {
    private final int id;
    private final List<ProcOpenFile> descriptors = new ArrayList<>(1);
    private Owned<FdHandler<?>> handler;

    Description(int id, ProcOpenFile first) {
        this.id = id;
        add(first);
    }

    /** Its id in the images. */
    int id() {
        return id;
    }

    void add(ProcOpenFile descriptor) {
        descriptors.add(descriptor);
        descriptor.setDescription(this);
    }

    /** The descriptor that stands for it: the first one of the first table. */
    ProcOpenFile file() {
        return descriptors.get(0);
    }

    /** In the order of the tables. */
    List<ProcOpenFile> descriptors() {
        return descriptors;
    }

    Owned<FdHandler<?>> handler() {
        return handler;
    }

    void setHandler(Owned<FdHandler<?>> found) {
        this.handler = found;
    }
}
