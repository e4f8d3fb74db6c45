// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib.proc;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Everything about a process tree that {@code /proc} shows and that a checkpoint must not change.
 *
 * <p>Taken before a dump and after the restore, and compared: whatever a subject does not look at itself, such as
 * a mapping that the tool has left behind, shows here. What changes by itself (times, counters, inode numbers of
 * pipes) is left out.
 */
public final class VisibleState {
    private static final Set<String> STATUS = Set.of(
            "Name",
            "Umask",
            "Tgid",
            "Pid",
            "TracerPid",
            "Uid",
            "Gid",
            "Groups",
            "NStgid",
            "NSpid",
            "NSpgid",
            "NSsid",
            "Kthread",
            "Threads",
            "SigPnd",
            "ShdPnd",
            "SigBlk",
            "SigIgn",
            "SigCgt",
            "CapInh",
            "CapPrm",
            "CapEff",
            "CapBnd",
            "CapAmb",
            "NoNewPrivs",
            "Seccomp",
            "Seccomp_filters",
            "Speculation_Store_Bypass",
            "SpeculationIndirectBranch",
            "Cpus_allowed",
            "THP_enabled",
            "VmLck",
            "CoreDumping");
    /** The mapping flags that a program can have asked for; the others follow from the rest of the state. */
    private static final Set<String> FLAGS = Set.of(
            "rd", "wr", "ex", "sh", "gd", "lo", "sr", "rr", "dc", "de", "nr", "ht", "wf", "dd", "hg", "nh", "mg", "sf");
    /** Beyond this many lines smaps takes longer than the rest of the test. */
    private static final int MANY_MAPPINGS = 3000;

    private final Map<String, String> facts = new TreeMap<>();

    private VisibleState() {}

    /** Looks at the process and all its descendants. */
    public static VisibleState of(int root) {
        VisibleState state = new VisibleState();
        for (int pid : Proc.tree(root)) {
            state.addProcess(pid, pid == root);
        }
        return state;
    }

    /** What differs, one line each; empty if nothing does. */
    public List<String> differencesTo(VisibleState after) {
        Set<String> keys = new TreeSet<>(facts.keySet());
        keys.addAll(after.facts.keySet());
        List<String> differences = new ArrayList<>();
        for (String key : keys) {
            String was = facts.get(key);
            String is = after.facts.get(key);
            if (was == null || !was.equals(is)) {
                differences.add(key + ": was " + printable(was) + ", is " + printable(is));
            }
        }
        return differences;
    }

    private void addProcess(int pid, boolean root) {
        String who = "pid " + pid + " ";
        Path directory = Proc.of(pid);
        boolean zombie = Proc.state(pid, pid).filter(state -> state == 'Z').isPresent()
                && Proc.threads(pid).size() == 1;
        addFamily(who, directory, root, zombie);
        if (zombie) {
            return;
        }
        for (String line : Proc.text(directory.resolve("limits")).orElse("").split("\n")) {
            facts.put(who + "limit " + line.split("  ")[0], line);
        }
        for (String name :
                List.of("cmdline", "environ", "auxv", "oom_score_adj", "personality", "coredump_filter", "timers")) {
            Proc.text(directory.resolve(name)).ifPresent(text -> facts.put(who + name, text));
        }
        for (String name : List.of("exe", "cwd", "root")) {
            Proc.link(directory.resolve(name)).ifPresent(link -> facts.put(who + name, link));
        }
        addDescriptors(who, pid);
        addMappings(who, directory);
        for (int tid : Proc.threads(pid)) {
            addThread(who, pid, tid);
        }
    }

    private void addFamily(String who, Path directory, boolean root, boolean zombie) {
        String text = Proc.text(directory.resolve("stat")).orElse("0 (gone) X");
        String[] fields = text.substring(text.lastIndexOf(')') + 2).trim().split(" ");
        // Numbers as in proc(5); the first field here is the third there.
        if (!root) {
            putField(who, "parent", fields, 4);
        }
        putField(who, "process group", fields, 5);
        putField(who, "session", fields, 6);
        putField(who, "exit_signal", fields, 38);
        if (zombie) {
            facts.put(who + "name", text.substring(text.indexOf('('), text.lastIndexOf(')')));
            putField(who, "state", fields, 3);
            putField(who, "exit_code", fields, 52);
            return;
        }
        putField(who, "start_code", fields, 26);
        putField(who, "end_code", fields, 27);
        putField(who, "start_stack", fields, 28);
        for (int number = 45; number <= 51; number++) {
            putField(who, "stat field " + number, fields, number);
        }
    }

    private void putField(String who, String name, String[] fields, int number) {
        if (fields.length > number - 3) {
            facts.put(who + name, fields[number - 3]);
        }
    }

    private void addThread(String process, int pid, int tid) {
        String who = process + "tid " + tid + " ";
        Path directory = Proc.task(pid, tid);
        Proc.text(directory.resolve("comm")).ifPresent(comm -> facts.put(who + "comm", comm));
        for (String line : Proc.text(directory.resolve("status")).orElse("").split("\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && STATUS.contains(line.substring(0, colon))) {
                facts.put(
                        who + line.substring(0, colon),
                        line.substring(colon + 1).trim());
            }
        }
        String text = Proc.text(directory.resolve("stat")).orElse("0 (gone) X");
        String[] fields = text.substring(text.lastIndexOf(')') + 2).trim().split(" ");
        putField(who, "nice", fields, 19);
        putField(who, "real-time priority", fields, 40);
        putField(who, "policy", fields, 41);
        char state = fields[0].charAt(0);
        facts.put(who + "state", state == 'T' || state == 't' || state == 'Z' ? String.valueOf(state) : "runs");
    }

    private void addDescriptors(String process, int pid) {
        for (int fd : Proc.descriptors(pid)) {
            String who = process + "fd " + fd + " ";
            String target = Proc.link(Proc.of(pid).resolve("fd").resolve(Integer.toString(fd)))
                    .orElse("closed");
            facts.put(who + "target", target.replaceAll("^(pipe|socket):\\[\\d+]$", "$1"));
            List<String> lines = new ArrayList<>();
            String info = Proc.text(Proc.of(pid).resolve("fdinfo").resolve(Integer.toString(fd)))
                    .orElse("");
            for (String line : info.split("\n")) {
                if (line.startsWith("tfd:")) {
                    String[] words = line.trim().split("[:\\s]+");
                    facts.put(who + "watches fd " + words[1] + " with data " + words[5], "events " + events(words[3]));
                } else if (line.matches("(pos|flags|eventfd-count|eventfd-semaphore|sigmask|clockid|it_interval):.*")) {
                    lines.add(line.replaceAll("\\s+", " "));
                }
            }
            lines.sort(null);
            facts.put(who + "state", String.join("; ", lines));
        }
    }

    /** Without EPOLLERR and EPOLLHUP: the kernel adds them to every entry, but takes them from a spent one-shot entry. */
    private static String events(String hexadecimal) {
        return Integer.toHexString(Integer.parseUnsignedInt(hexadecimal, 16) & ~0x18);
    }

    private void addMappings(String who, Path directory) {
        String maps = Proc.text(directory.resolve("maps")).orElse("");
        boolean many = maps.chars().filter(c -> c == '\n').count() > MANY_MAPPINGS;
        List<Mapping> mappings = new ArrayList<>();
        Mapping current = null;
        for (String line : (many ? maps : Proc.text(directory.resolve("smaps")).orElse("")).split("\n")) {
            if (line.matches("^[0-9a-f]+-[0-9a-f]+ .*")) {
                current = Mapping.parse(line);
                mappings.add(current);
            } else if (line.startsWith("VmFlags:") && current != null) {
                String flags = List.of(line.substring(8).trim().split(" ")).stream()
                        .filter(FLAGS::contains)
                        .collect(Collectors.joining(" "));
                mappings.set(mappings.size() - 1, current.withFlags(flags));
            }
        }
        // The kernel may join neighbours, or not, as their history goes.
        List<Mapping> joined = new ArrayList<>();
        for (Mapping mapping : mappings) {
            int last = joined.size() - 1;
            if (last >= 0 && joined.get(last).joins(mapping)) {
                joined.set(last, joined.get(last).to(mapping.end()));
            } else {
                joined.add(mapping);
            }
        }
        for (Mapping mapping : joined) {
            facts.put(who + "mapping " + Long.toHexString(mapping.start()), mapping.toString());
        }
    }

    private static String printable(String value) {
        if (value == null) {
            return "nothing";
        }
        String shown = value.replace('\0', ' ').strip();
        return "'" + (shown.length() > 300 ? shown.substring(0, 300) + "..." : shown) + "'";
    }
}
