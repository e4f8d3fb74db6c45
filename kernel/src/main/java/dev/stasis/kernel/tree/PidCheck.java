// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.ProcessGoneException;
import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds out, before anything is created, which ids of a dump are in use.
 *
 * <p>The kernel does not give an id to a new task while any task has it as process, thread, process group or session
 * (kernel: {@code free_pid} comes after the last of the four). So all four count, in the dump and on the machine.
 */
public final class PidCheck {
    private static final int COMMAND_LENGTH = 60;
    private static final long POLL_MILLIS = 10;

    private final ProcFs procfs;

    public PidCheck(ProcFs procfs) {
        this.procfs = procfs;
    }

    /**
     * The same as {@link #check}, but first gives processes that have ended the time to be collected: where pid 1 is
     * slow at that, a program that was just dumped and killed still holds its ids for a while.
     *
     * @param patience how long, if nobody but such processes holds the ids
     */
    public List<Failure> await(Collection<Integer> ids, Duration patience) {
        List<Failure> failures = check(ids);
        long end = System.nanoTime() + patience.toNanos();
        while (!failures.isEmpty()) {
            // Counted first: one that is collected after the check would make its failure look like another's.
            int zombies = countHeldByZombies(ids);
            failures = check(ids);
            boolean expired = System.nanoTime() - end >= 0;
            if (expired || zombies < failures.size()) {
                break;
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        return failures;
    }

    /** How many of {@code ids} processes hold that have ended. */
    private int countHeldByZombies(Collection<Integer> ids) {
        TreeSet<Integer> held = new TreeSet<>();
        for (int pid : procfs.pids()) {
            try {
                TaskStat stat = procfs.stat(pid);
                if (stat.isZombie()) {
                    held.addAll(List.of(stat.pid(), stat.pgrp(), stat.session()));
                }
            } catch (ProcessGoneException e) {
                // It has been collected meanwhile.
                continue;
            }
        }
        held.retainAll(ids);
        return held.size();
    }

    /**
     * One failure for each id that cannot be had now, ascending.
     *
     * @param ids all pids, tids, process groups and sessions that a restore will create; those that it joins instead
     *     (a shell job's session and group) are left out by the caller
     */
    public List<Failure> check(Collection<Integer> ids) {
        TreeSet<Integer> wanted = new TreeSet<>(ids);
        wanted.remove(0);
        TreeMap<Integer, Failure> failures = new TreeMap<>();
        int max = procfs.pidMax();
        for (int id : wanted) {
            if (id >= max) {
                failures.put(id, tooHigh(id, max));
            } else if (procfs.exists(id)) {
                Failure taken = takenByTask(id);
                if (taken != null) {
                    failures.put(id, taken);
                }
            }
        }
        wanted.removeAll(failures.keySet());
        if (!wanted.isEmpty()) {
            findGroups(wanted, failures);
        }
        return new ArrayList<>(failures.values());
    }

    /** Groups and sessions live on after the process that founded them, so they are found only in their members. */
    private void findGroups(TreeSet<Integer> wanted, Map<Integer, Failure> failures) {
        for (int pid : procfs.pids()) {
            try {
                TaskStat member = procfs.stat(pid);
                if (wanted.remove(member.pgrp())) {
                    failures.put(member.pgrp(), takenByGroup(member.pgrp(), "the process group of", member));
                }
                if (wanted.remove(member.session())) {
                    failures.put(member.session(), takenByGroup(member.session(), "the session of", member));
                }
            } catch (ProcessGoneException e) {
                // It ended, and whatever ids it held with it.
                continue;
            }
        }
    }

    private Failure takenByTask(int id) {
        try {
            TaskStat stat = procfs.stat(id);
            int process = procfs.status(id).tgid();
            String role = process == id ? "" : "a thread of ";
            Failure.Builder failure = Failure.of(TreeFailure.PID_TAKEN, Subject.of("process id " + id))
                    .why("the id is taken by " + role + holder(process));
            if (stat.isZombie()) {
                return failure.remedy(
                                "it has ended; let its parent, pid " + stat.ppid() + ", collect it, or end the parent")
                        .build();
            }
            return withRemedies(failure, process);
        } catch (ProcessGoneException e) {
            return null;
        }
    }

    private Failure takenByGroup(int id, String role, TaskStat member) {
        return withRemedies(
                Failure.of(TreeFailure.PID_TAKEN, Subject.of("process id " + id))
                        .why("the id is taken: it is " + role + " " + holder(member.pid())),
                member.pid());
    }

    private Failure withRemedies(Failure.Builder failure, int pid) {
        if (pid == procfs.self()) {
            return failure.remedy("start the restore again: it will have another id then")
                    .build();
        }
        return failure.remedy("end it (kill " + pid + ") or wait for its end, then restore again")
                .remedy("restore after a reboot, or on another machine")
                .build();
    }

    private static Failure tooHigh(int id, int max) {
        return Failure.of(TreeFailure.PID_TOO_HIGH, Subject.of("process id " + id))
                .why("this machine gives ids below " + max + " only")
                .remedy("sysctl -w kernel.pid_max=" + Math.max(id + 1, 4194304))
                .build();
    }

    private String holder(int pid) {
        String comm = procfs.stat(pid).comm();
        String command = command(pid);
        return "pid " + pid + " (" + comm + ")" + (command.isEmpty() ? "" : ": " + command)
                + (pid == procfs.self() ? " (Stasis itself)" : "");
    }

    /** The command line for people to read: blanks between the arguments, nothing that upsets a terminal. */
    private String command(int pid) {
        byte[] arguments;
        try {
            arguments = procfs.read(pid, "cmdline");
        } catch (UncheckedIOException e) {
            return "";
        }
        StringBuilder command = new StringBuilder();
        for (byte b : arguments) {
            if (command.length() == COMMAND_LENGTH) {
                return command.append("...").toString();
            }
            command.append(b == 0 ? ' ' : b > ' ' && b < 0x7F ? (char) b : b == ' ' ? ' ' : '?');
        }
        return command.toString().trim();
    }
}
