// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A subject that runs, or ran and will be restored. */
final class Subject implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration VERIFY_LIMIT = Duration.ofSeconds(60);
    private static final String PAGE = "page";
    private static final Duration STEP = Duration.ofMillis(5);

    private final Workplace workplace;
    private final List<Path> directories;
    private final BeatPage page;
    private final int pid;

    private Subject(Workplace workplace, List<Path> directories, BeatPage page, int pid) {
        this.workplace = workplace;
        this.directories = List.copyOf(directories);
        this.page = page;
        this.pid = pid;
    }

    /** Starts a subject and waits until it is complete. */
    static Subject start(Workplace workplace, Scenario scenario) throws IOException {
        List<Path> directories = new ArrayList<>();
        // Not on disk: a beat would have to wait while its page is written back, and look like a freeze.
        directories.add(workplace.freshDirectory(Storage.TMPFS, "subject"));
        Path pageFile = directories.get(0).resolve(PAGE);
        BeatPage page = BeatPage.create(pageFile);
        List<String> command =
                new ArrayList<>(List.of(workplace.subjectProgram().toString(), pageFile.toString()));
        command.addAll(scenario.arguments());
        if (scenario.kind().equals(Scenario.FILES)) {
            directories.add(workplace.freshDirectory(Storage.DISK, "files"));
            command.add(directories.get(1).toString());
        }
        // Standard streams on /dev/null: an output file would be one more descriptor in every figure.
        Subject subject =
                new Subject(workplace, directories, page, workplace.warden().spawn(Path.of("-"), command));
        try {
            subject.awaitReady(scenario);
            return subject;
        } catch (IOException e) {
            subject.close();
            throw e;
        }
    }

    int pid() {
        return pid;
    }

    BeatPage page() {
        return page;
    }

    /** The file behind {@link #page}. */
    Path pageFile() {
        return directories.get(0).resolve(PAGE);
    }

    /** Whether the subject says of itself that it is as it was made. */
    boolean isWhole() throws IOException {
        return page.verify(VERIFY_LIMIT);
    }

    /** Ends the subject with all its processes, and whatever a failed tool has left, and removes its files. */
    @Override
    public void close() throws IOException {
        workplace.warden().endAll();
        page.close();
        for (Path directory : directories) {
            Trees.delete(directory);
        }
    }

    private void awaitReady(Scenario scenario) throws IOException {
        long until = System.nanoTime() + START_LIMIT.toNanos();
        while (!page.isReady()) {
            if (System.nanoTime() > until || !Files.exists(Path.of("/proc", Integer.toString(pid)))) {
                throw new IOException("the subject does not start: " + scenario.title()
                        + " (limits on processes, files, mappings or memory?)");
            }
            Pause.sleep(STEP);
        }
    }
}
