// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import com.google.protobuf.ByteString;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.ProcessRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** Looks at one ring, and saves it if it is idle. */
final class IoUringDump {
    private static final int EFAULT = 14;
    private static final int EACCES = 13;
    private static final int EBUSY = 16;
    private static final int EEXIST = 17;
    private static final int EBADFD = 77;

    private static final int REGISTER_EVENTFD = 4;
    private static final int REGISTER_PBUF_STATUS = 26;
    private static final int ENTER_GETEVENTS = 1;
    private static final int BUFFER_GROUPS = 256;
    private static final int STATUS_SIZE = 40;
    /** What fits into the memory that a restored process lends for one call. */
    private static final int MAX_REGISTERED = 4000;

    private static final long PATIENCE = 200_000_000;
    private static final long STEP = 1_000_000;

    private static final String OTHERWISE = "start the program without io_uring";

    private final OpenFile file;
    private final DumpContext context;

    IoUringDump(OpenFile file, DumpContext context) {
        this.file = file;
        this.context = context;
    }

    /** What speaks against saving the ring; whether it is idle shows when all threads have stopped and been asked. */
    List<Failure> check() {
        List<Failure> failures = new ArrayList<>();
        IoUringInfo info = awaitNobodyWaiting();
        if (info.taken() != info.completed()) {
            threads().markBusy(file.process().pid());
        }
        if (info.sqThread() != -1) {
            failures.add(failure("a thread of the kernel polls it for requests (IORING_SETUP_SQPOLL)"));
        }
        if (info.personalities()) {
            failures.add(failure("credentials are registered with it, which cannot be read back"));
        }
        if (info.waiting() > 0) {
            failures.add(failure(info.waiting() + " of its requests wait for a file to become ready"));
        }
        if (info.overflowing() > 0) {
            failures.add(failure(info.overflowing() + " completions have found no room in it"));
        }
        if (info.files().size() > MAX_REGISTERED || info.buffers().size() > 2 * MAX_REGISTERED) {
            failures.add(failure("more than " + MAX_REGISTERED + " files or buffers are registered with it"));
        }
        for (int i = 0; i < info.files().size(); i++) {
            if (info.files().get(i) != null && descriptor(info.files().get(i)) < 0) {
                failures.add(failure("which file is registered with it under " + i + " ('"
                        + info.files().get(i)
                        + "') cannot be told: the program has none open of that name, or several"));
            }
        }
        if (failures.isEmpty()) {
            askFromOutside(info, failures);
        }
        return failures;
    }

    private IoUringInfo awaitNobodyWaiting() {
        long begin = System.nanoTime();
        IoUringInfo info = IoUringInfo.parse(file.details());
        while ((info.waiting() > 0 || !info.complete()) && System.nanoTime() - begin < PATIENCE) {
            LockSupport.parkNanos(STEP);
            info = read();
        }
        return info;
    }

    private IoUringInfo read() {
        String text = LocalFiles.readText("/proc/" + file.process().pid() + "/fdinfo/" + file.fd());
        return IoUringInfo.parse(Arrays.asList(text.split("\n")));
    }

    /** Asks the ring from the tool; one that belongs to a thread answers to nobody else. */
    private void askFromOutside(IoUringInfo info, List<Failure> failures) {
        try (Fd fd = file.borrow()) {
            if (Native.raw(Sysno.IO_URING_ENTER, fd.number(), 0, 0, 0, 0) == -EBADFD) {
                failures.add(failure("it has not been enabled yet (IORING_SETUP_R_DISABLED)"));
                return;
            }
            int eventfd = (int) Native.raw(Sysno.IO_URING_REGISTER, fd.number(), REGISTER_EVENTFD, 0, 1);
            if (eventfd == -EEXIST) {
                threads().markOwned(context.fileId(file));
            } else {
                refuse(eventfd, eventfd != -EACCES && hasBufferGroups(fd.number()), failures);
            }
            if (IoUringMemory.read(fd.number(), info) == null) {
                failures.add(failure("its memory is laid out in a way that is not supported (128-byte requests, 32-byte"
                        + " completions, or memory of the program's own)"));
            }
        }
        if (rings(file.process().pid()).size() > IoUringThreads.MAX_RINGS) {
            failures.add(failure("the process has more than " + IoUringThreads.MAX_RINGS + " rings"));
        }
    }

    private void refuse(int eventfd, boolean groups, List<Failure> failures) {
        if (eventfd == -EBUSY) {
            failures.add(failure("an eventfd is registered with it, and nothing tells which"));
        } else if (eventfd == -EACCES) {
            failures.add(failure("it is restricted (IORING_REGISTER_RESTRICTIONS), and nothing tells how"));
        } else if (eventfd != -EFAULT) {
            failures.add(failure("it does not answer as other rings do (error " + -eventfd + ")"));
        } else if (groups) {
            failures.add(failure("buffers are provided to it, which cannot be read back"));
        }
    }

    private static boolean hasBufferGroups(int fd) {
        try (NativeBuffer status = NativeBuffer.allocate(STATUS_SIZE)) {
            for (int group = 0; group < BUFFER_GROUPS; group++) {
                status.putInt(0, group).putInt(4, 0);
                if (Native.raw(Sysno.IO_URING_REGISTER, fd, REGISTER_PBUF_STATUS, status.address(), 1) == 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Saves the ring when the threads have answered. */
    IoUring dump() {
        IoUringInfo info = awaitIdle();
        IoUring.Builder image = IoUring.newBuilder()
                .setId(context.fileId(file))
                .setFlags(file.flags())
                .setSqEntries(info.sqEntries())
                .setCqEntries(info.cqEntries())
                .setTaken(info.taken())
                .setCompleted(info.completed());
        try (Fd fd = file.borrow()) {
            memory(fd.number(), info, image);
        }
        for (int i = 0; i < info.buffers().size(); i += 2) {
            image.addBuffers(IoUringBuffer.newBuilder()
                    .setAddress(info.buffers().get(i))
                    .setLength(info.buffers().get(i + 1)));
        }
        for (String name : info.files()) {
            image.addFiles(name == null ? -1 : descriptor(name));
        }
        for (int pid : threads().processes()) {
            for (IoUringThreads.Answer thread : threads().of(pid)) {
                slots(pid, thread, image);
            }
        }
        return image.build();
    }

    private void memory(int fd, IoUringInfo info, IoUring.Builder image) {
        IoUringMemory memory = IoUringMemory.read(fd, info);
        if (memory == null) {
            throw new CrException(failure("its memory has changed"));
        }
        int dropped = memory.word(memory.layout().sqDropped());
        if (info.taken() - dropped != info.completed() || info.waiting() > 0 || memory.hasUnfinished(info)) {
            throw context.failure(FileFailure.IO_URING_BUSY, file)
                    .why("requests may be in flight: the ring has taken "
                            + Integer.toUnsignedString(info.taken() - dropped)
                            + " and completed " + Integer.toUnsignedString(info.completed())
                            + ". Programs that ask for several completions of one request, or for none, are not told"
                            + " from those that wait")
                    .remedy("dump when the program has nothing to do")
                    .remedy(OTHERWISE)
                    .toException();
        }
        int flags = IoUringSetup.SUBMIT_ALL | memory.layout().flags();
        if (threads().isOwned(context.fileId(file))) {
            boolean deferred = Native.raw(Sysno.IO_URING_ENTER, fd, 0, 0, ENTER_GETEVENTS, 0) == -EEXIST;
            flags |= IoUringSetup.SINGLE_ISSUER | (deferred ? IoUringSetup.DEFER_TASKRUN : 0);
            image.setIssuer(issuer());
        }
        image.setSetupFlags(flags)
                .setRings(ByteString.copyFrom(memory.rings()))
                .setRequests(ByteString.copyFrom(memory.requests()))
                .setCqesOffset(memory.layout().cqes())
                .setArrayOffset(memory.layout().array());
    }

    /** Waits until all requests that were taken have completed; completions may need a thread to come by. */
    private IoUringInfo awaitIdle() {
        long begin = System.nanoTime();
        IoUringInfo info = read();
        while (!(info.taken() == info.completed() && info.complete()) && System.nanoTime() - begin < PATIENCE) {
            LockSupport.parkNanos(STEP);
            threads().repeat(file.process().pid());
            info = read();
        }
        return info;
    }

    /** The thread that the ring belongs to. */
    private int issuer() {
        for (IoUringThreads.Answer thread : threads().of(file.process().pid())) {
            IoUringThreads.RingAnswer answer = thread.rings().get(file.fd());
            if (answer != null && !answer.isForeign()) {
                List<Failure> failures = new ArrayList<>();
                refuse(answer.eventfd(), answer.groups(), failures);
                if (!failures.isEmpty()) {
                    throw new CrException(failures);
                }
                return thread.tid();
            }
        }
        throw new CrException(
                failure("it belongs to a thread that has ended, or is another process's (IORING_SETUP_SINGLE_ISSUER)"));
    }

    /** Adds the indexes by which a thread knows this ring. */
    private void slots(int pid, IoUringThreads.Answer thread, IoUring.Builder image) {
        if (thread.slots().isEmpty()) {
            return;
        }
        Set<Integer> own = new HashSet<>();
        Set<Integer> everybodys = new HashSet<>();
        for (ProcOpenFile ring : rings(pid)) {
            int id = context.fileId(ring);
            if (!threads().isOwned(id)) {
                everybodys.add(id);
            } else if (!thread.rings().get(ring.fd()).isForeign()) {
                own.add(id);
            }
        }
        Set<Integer> candidates = own.isEmpty() ? everybodys : own;
        if (!candidates.contains(image.getId())) {
            return;
        }
        if (candidates.size() > 1 || pid != file.process().pid()) {
            throw new CrException(failure("thread " + thread.tid()
                    + " knows several rings by index (IORING_REGISTER_RING_FDS), and nothing tells which is which"));
        }
        for (int slot : thread.slots()) {
            image.addSlots(IoUringSlot.newBuilder().setTid(thread.tid()).setIndex(slot));
        }
    }

    /** The only descriptor of the process whose file has that name, -1 if there is none or there are several. */
    private int descriptor(String name) {
        Description found = null;
        for (ProcOpenFile open : table(file.process().pid()).values()) {
            // Some kernels tell only the last part of the name.
            boolean same = open.path().equals(name) || open.path().endsWith("/" + name);
            if (same && found != null && open.description() != found) {
                return -1;
            }
            found = same ? open.description() : found;
        }
        return found == null ? -1 : fdOf(found);
    }

    private int fdOf(Description description) {
        for (ProcOpenFile open : description.descriptors()) {
            if (open.process().equals(file.process())) {
                return open.fd();
            }
        }
        return -1;
    }

    private List<ProcOpenFile> rings(int pid) {
        List<ProcOpenFile> rings = new ArrayList<>();
        for (ProcOpenFile open : table(pid).values()) {
            if (open.isAnonymous(IoUringHandler.KIND)) {
                rings.add(open);
            }
        }
        return rings;
    }

    private Map<Integer, ProcOpenFile> table(int pid) {
        FileTable table = FileTable.of(context);
        for (ProcessRef process : table.processes()) {
            if (process.pid() == pid) {
                return table.table(process);
            }
        }
        return Map.of();
    }

    private IoUringThreads threads() {
        return context.attachment(IoUringThreads.class, IoUringThreads::new);
    }

    private Failure failure(String why) {
        return context.failure(FileFailure.IO_URING, file)
                .why(why)
                .remedy(OTHERWISE)
                .build();
    }
}
