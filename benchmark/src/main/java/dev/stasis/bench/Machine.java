// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** What figures depend on: without it they mean nothing to anyone else. */
final class Machine {
    private Machine() {}

    static Map<String, String> describe(Workplace workplace) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "kernel",
                Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
        facts.put("processor", processor());
        facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("memory", memory());
        facts.put("load before", Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        for (Storage storage : Storage.values()) {
            Path directory = workplace.directory(storage);
            facts.put(
                    "images on " + storage.title(),
                    directory.getParent() + ", " + Files.getFileStore(directory).type());
        }
        return facts;
    }

    /** The Java version that a distribution brings along; this JVM's if it uses the system's. */
    static int javaFeatureOf(Path distribution) throws IOException {
        for (String runtime : new String[] {"runtime", "jre"}) {
            Path release = distribution.resolve(runtime).resolve("release");
            if (Files.exists(release)) {
                Properties properties = new Properties();
                try (BufferedReader in = Files.newBufferedReader(release)) {
                    properties.load(in);
                }
                String version = properties.getProperty("JAVA_VERSION", "").replace("\"", "");
                if (!version.isEmpty()) {
                    return Runtime.Version.parse(version).feature();
                }
            }
        }
        return Runtime.version().feature();
    }

    private static String processor() throws IOException {
        return field("/proc/cpuinfo", "model name");
    }

    private static String memory() throws IOException {
        return field("/proc/meminfo", "MemTotal");
    }

    private static String field(String file, String name) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }
}
