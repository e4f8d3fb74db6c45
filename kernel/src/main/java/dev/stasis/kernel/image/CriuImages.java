// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.MessageLite;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.ApparmorEntry;
import dev.stasis.spi.image.criu.AutofsEntry;
import dev.stasis.spi.image.criu.BinfmtMiscEntry;
import dev.stasis.spi.image.criu.BpfmapDataEntry;
import dev.stasis.spi.image.criu.BpfmapFileEntry;
import dev.stasis.spi.image.criu.CgroupEntry;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.CpuinfoEntry;
import dev.stasis.spi.image.criu.CredsEntry;
import dev.stasis.spi.image.criu.EventfdFileEntry;
import dev.stasis.spi.image.criu.EventpollFileEntry;
import dev.stasis.spi.image.criu.EventpollTfdEntry;
import dev.stasis.spi.image.criu.ExtFileEntry;
import dev.stasis.spi.image.criu.FanotifyFileEntry;
import dev.stasis.spi.image.criu.FanotifyMarkEntry;
import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.image.criu.FifoEntry;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.FileLockEntry;
import dev.stasis.spi.image.criu.FsEntry;
import dev.stasis.spi.image.criu.GhostFileEntry;
import dev.stasis.spi.image.criu.InetSkEntry;
import dev.stasis.spi.image.criu.InotifyFileEntry;
import dev.stasis.spi.image.criu.InotifyWdEntry;
import dev.stasis.spi.image.criu.InventoryEntry;
import dev.stasis.spi.image.criu.IpcMsgEntry;
import dev.stasis.spi.image.criu.IpcSemEntry;
import dev.stasis.spi.image.criu.IpcShmEntry;
import dev.stasis.spi.image.criu.IpcVarEntry;
import dev.stasis.spi.image.criu.IrmapCacheEntry;
import dev.stasis.spi.image.criu.ItimerEntry;
import dev.stasis.spi.image.criu.MemfdInodeEntry;
import dev.stasis.spi.image.criu.MmEntry;
import dev.stasis.spi.image.criu.MntEntry;
import dev.stasis.spi.image.criu.NetDeviceEntry;
import dev.stasis.spi.image.criu.NetlinkSkEntry;
import dev.stasis.spi.image.criu.NetnsEntry;
import dev.stasis.spi.image.criu.NsFileEntry;
import dev.stasis.spi.image.criu.PacketSockEntry;
import dev.stasis.spi.image.criu.PagemapHead;
import dev.stasis.spi.image.criu.PidfdEntry;
import dev.stasis.spi.image.criu.PidnsEntry;
import dev.stasis.spi.image.criu.PipeDataEntry;
import dev.stasis.spi.image.criu.PipeEntry;
import dev.stasis.spi.image.criu.PosixTimerEntry;
import dev.stasis.spi.image.criu.PstreeEntry;
import dev.stasis.spi.image.criu.RegFileEntry;
import dev.stasis.spi.image.criu.RemapFilePathEntry;
import dev.stasis.spi.image.criu.RlimitEntry;
import dev.stasis.spi.image.criu.SaEntry;
import dev.stasis.spi.image.criu.SeccompEntry;
import dev.stasis.spi.image.criu.SiginfoEntry;
import dev.stasis.spi.image.criu.SignalfdEntry;
import dev.stasis.spi.image.criu.SkPacketEntry;
import dev.stasis.spi.image.criu.StatsEntry;
import dev.stasis.spi.image.criu.TaskKobjIdsEntry;
import dev.stasis.spi.image.criu.TcpStreamEntry;
import dev.stasis.spi.image.criu.TimensEntry;
import dev.stasis.spi.image.criu.TimerfdEntry;
import dev.stasis.spi.image.criu.TtyDataEntry;
import dev.stasis.spi.image.criu.TtyFileEntry;
import dev.stasis.spi.image.criu.TtyInfoEntry;
import dev.stasis.spi.image.criu.TunfileEntry;
import dev.stasis.spi.image.criu.UnixSkEntry;
import dev.stasis.spi.image.criu.UsernsEntry;
import dev.stasis.spi.image.criu.UtsnsEntry;
import dev.stasis.spi.image.criu.VmaEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The images of CRIU's format v1.1: names, magic numbers, messages, and how many raw bytes follow an entry.
 *
 * <p>Images that are raw from the first byte, such as {@code pages-1.img}, have no constant; see {@link #isRaw}.
 */
public final class CriuImages {
    public static final ImageType<InventoryEntry> INVENTORY = criu("inventory", 0x58313116, "inventory_entry");
    public static final ImageType<FdinfoEntry> FDINFO = criu("fdinfo", 0x56213732, "fdinfo_entry");
    public static final ImageType<PagemapHead> PAGEMAP = criu("pagemap", 0x56084025, "pagemap_head");
    public static final ImageType<PagemapHead> SHMEM_PAGEMAP = criu("pagemap-shmem", 0x56084025, "pagemap_head");
    public static final ImageType<RegFileEntry> REG_FILES = criu("reg-files", 0x50363636, "reg_file_entry");
    public static final ImageType<ExtFileEntry> EXT_FILES = criu("ext-files", 0x59255641, "ext_file_entry");
    public static final ImageType<NsFileEntry> NS_FILES = criu("ns-files", 0x61394011, "ns_file_entry");
    public static final ImageType<EventfdFileEntry> EVENTFD_FILE = criu("eventfd", 0x44523722, "eventfd_file_entry");
    public static final ImageType<EventpollFileEntry> EVENTPOLL_FILE =
            criu("eventpoll", 0x45023858, "eventpoll_file_entry");
    public static final ImageType<EventpollTfdEntry> EVENTPOLL_TFD =
            criu("eventpoll-tfd", 0x44433746, "eventpoll_tfd_entry");
    public static final ImageType<SignalfdEntry> SIGNALFD = criu("signalfd", 0x57323820, "signalfd_entry");
    public static final ImageType<InotifyFileEntry> INOTIFY_FILE = criu("inotify", 0x48424431, "inotify_file_entry");
    public static final ImageType<InotifyWdEntry> INOTIFY_WD = criu("inotify-wd", 0x54562009, "inotify_wd_entry");
    public static final ImageType<FanotifyFileEntry> FANOTIFY_FILE =
            criu("fanotify", 0x55096122, "fanotify_file_entry");
    public static final ImageType<FanotifyMarkEntry> FANOTIFY_MARK =
            criu("fanotify-mark", 0x56506035, "fanotify_mark_entry");
    public static final ImageType<CoreEntry> CORE = criu("core", 0x55053847, "core_entry");
    public static final ImageType<TaskKobjIdsEntry> IDS = criu("ids", 0x54432030, "task_kobj_ids_entry");
    public static final ImageType<MmEntry> MM = criu("mm", 0x57492820, "mm_entry");
    public static final ImageType<VmaEntry> VMAS = criu("vmas", 0x54123737, "vma_entry");
    public static final ImageType<PipeEntry> PIPES = criu("pipes", 0x56513555, "pipe_entry");
    public static final ImageType<PipeDataEntry> PIPES_DATA = criu("pipes-data", 0x56453709, "pipe_data_entry");
    public static final ImageType<FifoEntry> FIFO = criu("fifo", 0x58364939, "fifo_entry");
    public static final ImageType<PipeDataEntry> FIFO_DATA = criu("fifo-data", 0x59333054, "pipe_data_entry");
    public static final ImageType<PstreeEntry> PSTREE = criu("pstree", 0x50273030, "pstree_entry");
    public static final ImageType<SaEntry> SIGACT = criu("sigacts", 0x55344201, "sa_entry");
    public static final ImageType<UnixSkEntry> UNIXSK = criu("unixsk", 0x54373943, "unix_sk_entry");
    public static final ImageType<InetSkEntry> INETSK = criu("inetsk", 0x56443851, "inet_sk_entry");
    public static final ImageType<PacketSockEntry> PACKETSK = criu("packetsk", 0x60454618, "packet_sock_entry");
    public static final ImageType<NetlinkSkEntry> NETLINK_SK = criu("netlinksk", 0x58005614, "netlink_sk_entry");
    public static final ImageType<SkPacketEntry> SK_QUEUES = criu("sk-queues", 0x56264026, "sk_packet_entry");
    public static final ImageType<ItimerEntry> ITIMERS = criu("itimers", 0x57464056, "itimer_entry");
    public static final ImageType<PosixTimerEntry> POSIX_TIMERS = criu("posix-timers", 0x52603957, "posix_timer_entry");
    public static final ImageType<CredsEntry> CREDS = criu("creds", 0x54023547, "creds_entry");
    public static final ImageType<UtsnsEntry> UTSNS = criu("utsns", 0x54473203, "utsns_entry");
    public static final ImageType<IpcVarEntry> IPC_VAR = criu("ipcns-var", 0x53115007, "ipc_var_entry");
    public static final ImageType<IpcShmEntry> IPCNS_SHM = criu("ipcns-shm", 0x46283044, "ipc_shm_entry");
    public static final ImageType<IpcMsgEntry> IPCNS_MSG = criu("ipcns-msg", 0x55453737, "ipc_msg_entry");
    public static final ImageType<IpcSemEntry> IPCNS_SEM = criu("ipcns-sem", 0x59573019, "ipc_sem_entry");
    public static final ImageType<FsEntry> FS = criu("fs", 0x51403912, "fs_entry");
    public static final ImageType<RemapFilePathEntry> REMAP_FPATH =
            criu("remap-fpath", 0x59133954, "remap_file_path_entry");
    public static final ImageType<GhostFileEntry> GHOST_FILE = criu("ghost-file", 0x52583605, "ghost_file_entry");
    public static final ImageType<MemfdInodeEntry> MEMFD_INODE = criu("memfd", 0x48453499, "memfd_inode_entry");
    public static final ImageType<TcpStreamEntry> TCP_STREAM = criu("tcp-stream", 0x51465506, "tcp_stream_entry");
    public static final ImageType<MntEntry> MNTS = criu("mountpoints", 0x55563928, "mnt_entry");
    public static final ImageType<NetDeviceEntry> NETDEV = criu("netdev", 0x57373951, "net_device_entry");
    public static final ImageType<NetnsEntry> NETNS = criu("netns", 0x55933752, "netns_entry");
    public static final ImageType<AutofsEntry> AUTOFS = criu("autofs", 0x49353943, "autofs_entry");
    public static final ImageType<BinfmtMiscEntry> BINFMT_MISC = criu("binfmt-misc", 0x67343323, "binfmt_misc_entry");
    public static final ImageType<TtyFileEntry> TTY_FILES = criu("tty", 0x59433025, "tty_file_entry");
    public static final ImageType<TtyInfoEntry> TTY_INFO = criu("tty-info", 0x59453036, "tty_info_entry");
    public static final ImageType<TtyDataEntry> TTY_DATA = criu("tty-data", 0x59413026, "tty_data_entry");
    public static final ImageType<FileLockEntry> FILE_LOCKS = criu("filelocks", 0x54323616, "file_lock_entry");
    public static final ImageType<RlimitEntry> RLIMIT = criu("rlimit", 0x57113925, "rlimit_entry");
    public static final ImageType<SiginfoEntry> SIGNAL = criu("signal-s", 0x59255647, "siginfo_entry");
    public static final ImageType<SiginfoEntry> PSIGNAL = criu("signal-p", 0x59255647, "siginfo_entry");
    public static final ImageType<TunfileEntry> TUNFILE = criu("tunfile", 0x57143751, "tunfile_entry");
    public static final ImageType<CgroupEntry> CGROUP = criu("cgroup", 0x59383330, "cgroup_entry");
    public static final ImageType<TimerfdEntry> TIMERFD = criu("timerfd", 0x50493712, "timerfd_entry");
    public static final ImageType<CpuinfoEntry> CPUINFO = criu("cpuinfo", 0x61404013, "cpuinfo_entry");
    public static final ImageType<SeccompEntry> SECCOMP = criu("seccomp", 0x64413049, "seccomp_entry");
    public static final ImageType<UsernsEntry> USERNS = criu("userns", 0x55474906, "userns_entry");
    public static final ImageType<FileEntry> FILES = criu("files", 0x56303138, "file_entry");
    public static final ImageType<TimensEntry> TIMENS = criu("timens", 0x43114433, "timens_entry");
    public static final ImageType<PidnsEntry> PIDNS = criu("pidns", 0x61157326, "pidns_entry");
    public static final ImageType<BpfmapFileEntry> BPFMAP_FILE = criu("bpfmap-file", 0x57506142, "bpfmap_file_entry");
    public static final ImageType<BpfmapDataEntry> BPFMAP_DATA = criu("bpfmap-data", 0x64324033, "bpfmap_data_entry");
    public static final ImageType<ApparmorEntry> APPARMOR = criu("apparmor", 0x59423047, "apparmor_entry");
    public static final ImageType<PidfdEntry> PIDFD = criu("pidfd", 0x54435556, "pidfd_entry");
    public static final ImageType<StatsEntry> STATS_DUMP = criu("stats-dump", 0x57093306, "stats_entry");
    public static final ImageType<StatsEntry> STATS_RESTORE = criu("stats-restore", 0x57093306, "stats_entry");
    public static final ImageType<IrmapCacheEntry> IRMAP_CACHE = criu("irmap-cache", 0x57004059, "irmap_cache_entry");

    private static final String SUFFIX = ".img";

    private CriuImages() {}

    private static <S extends MessageLite> ImageType<S> criu(String name, int magic, String message) {
        return ImageType.criu(name, magic, new LazyParser<>(message));
    }

    /** The image that a file of this name holds; empty if it is none with a message. */
    public static Optional<ImageType<?>> ofFileName(String fileName) {
        ImageName name = ImageName.parse(fileName);
        return name == null ? Optional.empty() : Optional.of(name.type());
    }

    /** The image with this magic number; of several that share one, any. */
    static Optional<ImageType<?>> ofMagic(int magic) {
        for (Map<String, ImageType<?>> types : List.of(ByName.SINGLE, ByName.NUMBERED)) {
            for (ImageType<?> type : types.values()) {
                if (type.magic() == magic) {
                    return Optional.of(type);
                }
            }
        }
        return Optional.empty();
    }

    /** Whether a file of this name has neither header nor messages, such as {@code pages-1.img}. */
    public static boolean isRaw(String fileName) {
        if (!fileName.endsWith(SUFFIX)) {
            return false;
        }
        String stem = fileName.substring(0, fileName.length() - SUFFIX.length());
        if (stem.endsWith(".tar.gz")) {
            return stem.startsWith("tmpfs-");
        }
        int dash = stem.lastIndexOf('-');
        if (dash < 0) {
            return false;
        }
        return switch (stem.substring(0, dash)) {
            case "pages", "ifaddr", "route", "route6", "rule", "iptables", "ip6tables", "nftables" -> true;
            case "netns-ct", "netns-exp" -> true;
            default -> false;
        };
    }

    /** The name of the file of an image of which there is one per dump. */
    public static String fileName(ImageType<?> type) {
        return isService(type) ? type.name() : type.name() + SUFFIX;
    }

    /**
     * The name of the file of an image of which there is one per process, namespace or object.
     *
     * @param id the number in the name, which is unsigned
     */
    public static String fileName(ImageType<?> type, long id) {
        return type.name() + '-' + (hasHexId(type) ? Long.toHexString(id) : Long.toUnsignedString(id)) + SUFFIX;
    }

    /** Whether entries of this image may be followed by raw bytes. */
    public static boolean hasExtra(ImageType<?> type) {
        return is(type, PIPES_DATA)
                || is(type, FIFO_DATA)
                || is(type, SK_QUEUES)
                || is(type, TCP_STREAM)
                || is(type, IPCNS_SHM)
                || is(type, IPCNS_SEM)
                || is(type, IPCNS_MSG)
                || is(type, BPFMAP_DATA)
                || is(type, GHOST_FILE);
    }

    /**
     * How many raw bytes follow an entry, padding included; 0 if none. The length is the image's word and may be
     * any number.
     *
     * <p>What follows an entry of {@link #IPCNS_MSG} and {@link #GHOST_FILE} has a structure of its own, and its
     * length does not follow from the entry: {@link ImageReader} knows it.
     */
    public static long extraLength(ImageType<?> type, MessageLite entry) {
        if (is(type, PIPES_DATA) || is(type, FIFO_DATA)) {
            return Integer.toUnsignedLong(((PipeDataEntry) entry).getBytes());
        }
        if (is(type, SK_QUEUES)) {
            return Integer.toUnsignedLong(((SkPacketEntry) entry).getLength());
        }
        if (is(type, TCP_STREAM)) {
            TcpStreamEntry stream = (TcpStreamEntry) entry;
            return Integer.toUnsignedLong(stream.getInqLen()) + Integer.toUnsignedLong(stream.getOutqLen());
        }
        if (is(type, IPCNS_SHM)) {
            // With in_pagemaps the content stands in pagemap-shmem and pages images, like any shared memory.
            IpcShmEntry segment = (IpcShmEntry) entry;
            return segment.getInPagemaps() ? 0 : padded(segment.getSize(), 4);
        }
        if (is(type, IPCNS_SEM)) {
            return padded(2 * Integer.toUnsignedLong(((IpcSemEntry) entry).getNsems()), 8);
        }
        if (is(type, BPFMAP_DATA)) {
            BpfmapDataEntry map = (BpfmapDataEntry) entry;
            return Integer.toUnsignedLong(map.getKeysBytes()) + Integer.toUnsignedLong(map.getValuesBytes());
        }
        return 0;
    }

    /** Whether {@code type} is {@code known}: plugins, which cannot see the constants, make types of their own. */
    static boolean is(ImageType<?> type, ImageType<?> known) {
        return type == known || type.magic() == known.magic() && type.name().equals(known.name());
    }

    static long padded(long length, int to) {
        // A hostile length near the largest number must not become a small one.
        return length > Long.MAX_VALUE - to ? -1 : length < 0 ? length : (length + to - 1) & -to;
    }

    /** Whether entries of another kind follow the first. */
    static boolean isPagemap(ImageType<?> type) {
        return is(type, PAGEMAP) || is(type, SHMEM_PAGEMAP);
    }

    static boolean isService(ImageType<?> type) {
        return is(type, STATS_DUMP) || is(type, STATS_RESTORE) || is(type, IRMAP_CACHE);
    }

    static boolean hasHexId(ImageType<?> type) {
        return is(type, GHOST_FILE) || is(type, TCP_STREAM);
    }

    static ImageType<?> single(String stem) {
        return ByName.SINGLE.get(stem);
    }

    static ImageType<?> numbered(String stem) {
        return ByName.NUMBERED.get(stem);
    }

    /** Apart, so that a dump or a restore, which go by the constants, never pay for the maps. */
    private static final class ByName {
        static final Map<String, ImageType<?>> SINGLE = map(
                INVENTORY,
                REG_FILES,
                EXT_FILES,
                NS_FILES,
                EVENTFD_FILE,
                EVENTPOLL_FILE,
                EVENTPOLL_TFD,
                SIGNALFD,
                INOTIFY_FILE,
                INOTIFY_WD,
                FANOTIFY_FILE,
                FANOTIFY_MARK,
                PIPES,
                PIPES_DATA,
                FIFO,
                FIFO_DATA,
                PSTREE,
                UNIXSK,
                INETSK,
                PACKETSK,
                NETLINK_SK,
                SK_QUEUES,
                REMAP_FPATH,
                MEMFD_INODE,
                BINFMT_MISC,
                TTY_FILES,
                TTY_INFO,
                TTY_DATA,
                FILE_LOCKS,
                TUNFILE,
                CGROUP,
                TIMERFD,
                CPUINFO,
                SECCOMP,
                FILES,
                BPFMAP_FILE,
                BPFMAP_DATA,
                APPARMOR,
                PIDFD,
                STATS_DUMP,
                STATS_RESTORE,
                IRMAP_CACHE);
        static final Map<String, ImageType<?>> NUMBERED = map(
                FDINFO,
                PAGEMAP,
                SHMEM_PAGEMAP,
                CORE,
                IDS,
                MM,
                VMAS,
                SIGACT,
                ITIMERS,
                POSIX_TIMERS,
                CREDS,
                UTSNS,
                IPC_VAR,
                IPCNS_SHM,
                IPCNS_MSG,
                IPCNS_SEM,
                FS,
                GHOST_FILE,
                TCP_STREAM,
                MNTS,
                NETDEV,
                NETNS,
                AUTOFS,
                RLIMIT,
                SIGNAL,
                PSIGNAL,
                USERNS,
                TIMENS,
                PIDNS);

        private static Map<String, ImageType<?>> map(ImageType<?>... types) {
            Map<String, ImageType<?>> map = new HashMap<>();
            for (ImageType<?> type : types) {
                map.put(type.name(), type);
            }
            return map;
        }
    }
}
