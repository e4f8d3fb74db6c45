// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToolTest {
    private static final Path IMAGES = Path.of("/tmp/images");

    @Test
    void criuIsKnownByItsVersionLineWhateverTheFileIsCalled() {
        Tool tool = Tool.recognise("old", Path.of("/opt/old"), "Version: 4.2\nGitID: v4.2\n");

        assertEquals(Tool.Dialect.CRIU, tool.dialect());
        assertEquals(
                List.of("/opt/old", "dump", "-t", "7", "-D", "/tmp/images", "-v1", "-o", "dump.log"),
                tool.dump(7, IMAGES, false));
        assertEquals(
                List.of("/opt/old", "restore", "-D", "/tmp/images", "-d", "-v1", "-o", "restore.log"),
                tool.restore(IMAGES));
    }

    @Test
    void everythingElseIsTakenForStasis() {
        Tool tool = Tool.recognise("stasis", Path.of("/opt/stasis"), "stasis 1.0.0\n");

        assertEquals(Tool.Dialect.STASIS, tool.dialect());
        assertEquals(List.of("/opt/stasis", "dump", "-t", "7", "-D", "/tmp/images", "-R"), tool.dump(7, IMAGES, true));
    }
}
