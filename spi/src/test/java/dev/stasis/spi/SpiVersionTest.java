// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The constant that plugins are measured by follows the version of the build. */
class SpiVersionTest {
    @Test
    void isTheVersionOfTheBuild() throws IOException {
        Matcher version = Pattern.compile("<version>([^<]+)</version>").matcher(Files.readString(Path.of("pom.xml")));

        assertTrue(version.find(), "spi/pom.xml names its parent's version");
        assertEquals(version.group(1).replace("-SNAPSHOT", ""), SpiVersion.CURRENT);
    }
}
