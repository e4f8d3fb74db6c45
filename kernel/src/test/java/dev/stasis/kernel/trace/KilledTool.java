// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.kernel.task.SeccompFilters;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A tool that brings a task into a named state, says so, and stays there until it is killed. */
final class KilledTool implements AutoCloseable {
    private final Process process;

    private KilledTool(Process process) {
        this.process = process;
    }

    /** What to leave the task in. */
    enum Moment {
        ENTERED,
        IN_A_CALL,
        AREA_MAPPED,
        ARMED,
        PARKED_AT_THE_TRAP,
        IN_A_PROGRAM,
        IN_A_CALL_WITH_AREA,
        GIFT_OPEN,
        WORKER_IN_A_CALL
    }

    /** Starts a tool on process {@code pid} and waits until it has arrived at {@code moment}. */
    static KilledTool start(Moment moment, int pid) {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KilledTool.class.getName(),
                moment.name(),
                Integer.toString(pid)));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            KilledTool tool = new KilledTool(process);
            if (process.getInputStream().read() != '!') {
                tool.close();
                throw new IllegalStateException("the tool did not arrive at " + moment);
            }
            return tool;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Kills it. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void main(String[] arguments) {
        Moment moment = Moment.valueOf(arguments[0]);
        int pid = Integer.parseInt(arguments[1]);
        TracerThread.call(() -> {
            work(moment, pid);
            return null;
        });
    }

    private static void work(Moment moment, int pid) {
        Optional<Gates> gates = new GateFinder().find(pid, LiveProcess.vmas(pid));
        Tracee tracee = new Tracee(pid, pid);
        tracee.seize(false);
        tracee.interrupt();
        tracee.awaitStop();
        RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates.orElseThrow());
        if (moment == Moment.ENTERED) {
            arrived();
        }
        if (moment == Moment.IN_A_CALL) {
            sleep(remote);
        }
        RemoteArea area = RemoteArea.map(remote, RemoteArea.DEFAULT_SIZE);
        if (moment == Moment.AREA_MAPPED) {
            arrived();
        }
        SeccompFilters.OfProcess seccomp = new SeccompFilters().process();
        seccomp.read(tracee, new ProcFs().status(pid));
        area.restrict(seccomp.allowed(pid));
        SyscallProgram program = area.arm();
        if (moment == Moment.ARMED) {
            arrived();
        }
        FdGift gift = new FdGift(area, FdGift.lowestFree(new ProcFs().fds(pid)));
        gift.open(program);
        program.run();
        if (moment == Moment.GIFT_OPEN) {
            arrived();
        }
        gift.abandon();
        switch (moment) {
            case PARKED_AT_THE_TRAP -> arrived();
            case IN_A_CALL_WITH_AREA -> sleep(remote);
            case WORKER_IN_A_CALL -> {
                int tid = new ProcFs().tids(pid).get(1);
                Tracee thread = new Tracee(tid, pid);
                thread.seize(false);
                thread.interrupt();
                thread.awaitStop();
                sleep(RemoteSyscalls.enter(thread, SleepMeter.NONE, remote));
            }
            default -> sleepInProgram(area);
        }
    }

    private static void sleep(RemoteSyscalls remote) {
        announceSoon();
        // poll(2) of nothing, for a long time as seen from a test.
        remote.attempt(Sysno.POLL, 0, 0, 700);
        forever();
    }

    private static void sleepInProgram(RemoteArea area) {
        SyscallProgram program = area.program();
        for (int i = 0; i < 50; i++) {
            program.call(Sysno.POLL, 0, 0, 20);
        }
        announceSoon();
        program.run();
        forever();
    }

    private static void announceSoon() {
        Thread messenger = new Thread(() -> {
            LiveProcess.pause(100);
            announce();
        });
        messenger.setDaemon(true);
        messenger.start();
    }

    private static void arrived() {
        announce();
        forever();
    }

    private static void announce() {
        System.out.write('!');
        System.out.flush();
    }

    private static void forever() {
        while (true) {
            LiveProcess.pause(60_000);
        }
    }
}
