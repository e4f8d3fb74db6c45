// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.AbstractParser;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
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

/**
 * A parser that loads its message's class at the first entry that it reads.
 *
 * <p>The table of images names some seventy messages, and loading them all costs more than a whole dump of a small
 * process should take. A switch over names rather than method references: each of those would spin a class.
 */
final class LazyParser<S extends MessageLite> extends AbstractParser<S> {
    private final String message;
    private volatile Parser<S> parser;

    /**
     * @param message the name that the format's tables give to the message
     */
    LazyParser(String message) {
        this.message = message;
    }

    @Override
    public S parsePartialFrom(CodedInputStream input, ExtensionRegistryLite extensions)
            throws InvalidProtocolBufferException {
        return parser().parsePartialFrom(input, extensions);
    }

    // The names and the types of the constants in CriuImages are compared by a test.
    @SuppressWarnings("unchecked")
    private Parser<S> parser() {
        Parser<S> known = parser;
        if (known == null) {
            known = (Parser<S>) find(message);
            parser = known;
        }
        return known;
    }

    private static Parser<?> find(String message) {
        return switch (message) {
            case "apparmor_entry" -> ApparmorEntry.parser();
            case "autofs_entry" -> AutofsEntry.parser();
            case "binfmt_misc_entry" -> BinfmtMiscEntry.parser();
            case "bpfmap_data_entry" -> BpfmapDataEntry.parser();
            case "bpfmap_file_entry" -> BpfmapFileEntry.parser();
            case "cgroup_entry" -> CgroupEntry.parser();
            case "core_entry" -> CoreEntry.parser();
            case "cpuinfo_entry" -> CpuinfoEntry.parser();
            case "creds_entry" -> CredsEntry.parser();
            case "eventfd_file_entry" -> EventfdFileEntry.parser();
            case "eventpoll_file_entry" -> EventpollFileEntry.parser();
            case "eventpoll_tfd_entry" -> EventpollTfdEntry.parser();
            case "ext_file_entry" -> ExtFileEntry.parser();
            case "fanotify_file_entry" -> FanotifyFileEntry.parser();
            case "fanotify_mark_entry" -> FanotifyMarkEntry.parser();
            case "fdinfo_entry" -> FdinfoEntry.parser();
            case "fifo_entry" -> FifoEntry.parser();
            case "file_entry" -> FileEntry.parser();
            case "file_lock_entry" -> FileLockEntry.parser();
            case "fs_entry" -> FsEntry.parser();
            case "ghost_file_entry" -> GhostFileEntry.parser();
            case "inet_sk_entry" -> InetSkEntry.parser();
            case "inotify_file_entry" -> InotifyFileEntry.parser();
            case "inotify_wd_entry" -> InotifyWdEntry.parser();
            case "inventory_entry" -> InventoryEntry.parser();
            case "ipc_msg_entry" -> IpcMsgEntry.parser();
            case "ipc_sem_entry" -> IpcSemEntry.parser();
            case "ipc_shm_entry" -> IpcShmEntry.parser();
            case "ipc_var_entry" -> IpcVarEntry.parser();
            case "irmap_cache_entry" -> IrmapCacheEntry.parser();
            case "itimer_entry" -> ItimerEntry.parser();
            case "memfd_inode_entry" -> MemfdInodeEntry.parser();
            case "mm_entry" -> MmEntry.parser();
            case "mnt_entry" -> MntEntry.parser();
            case "net_device_entry" -> NetDeviceEntry.parser();
            case "netlink_sk_entry" -> NetlinkSkEntry.parser();
            case "netns_entry" -> NetnsEntry.parser();
            case "ns_file_entry" -> NsFileEntry.parser();
            case "packet_sock_entry" -> PacketSockEntry.parser();
            case "pagemap_head" -> PagemapHead.parser();
            case "pidfd_entry" -> PidfdEntry.parser();
            case "pidns_entry" -> PidnsEntry.parser();
            case "pipe_data_entry" -> PipeDataEntry.parser();
            case "pipe_entry" -> PipeEntry.parser();
            case "posix_timer_entry" -> PosixTimerEntry.parser();
            case "pstree_entry" -> PstreeEntry.parser();
            case "reg_file_entry" -> RegFileEntry.parser();
            case "remap_file_path_entry" -> RemapFilePathEntry.parser();
            case "rlimit_entry" -> RlimitEntry.parser();
            case "sa_entry" -> SaEntry.parser();
            case "seccomp_entry" -> SeccompEntry.parser();
            case "siginfo_entry" -> SiginfoEntry.parser();
            case "signalfd_entry" -> SignalfdEntry.parser();
            case "sk_packet_entry" -> SkPacketEntry.parser();
            case "stats_entry" -> StatsEntry.parser();
            case "task_kobj_ids_entry" -> TaskKobjIdsEntry.parser();
            case "tcp_stream_entry" -> TcpStreamEntry.parser();
            case "timens_entry" -> TimensEntry.parser();
            case "timerfd_entry" -> TimerfdEntry.parser();
            case "tty_data_entry" -> TtyDataEntry.parser();
            case "tty_file_entry" -> TtyFileEntry.parser();
            case "tty_info_entry" -> TtyInfoEntry.parser();
            case "tunfile_entry" -> TunfileEntry.parser();
            case "unix_sk_entry" -> UnixSkEntry.parser();
            case "userns_entry" -> UsernsEntry.parser();
            case "utsns_entry" -> UtsnsEntry.parser();
            case "vma_entry" -> VmaEntry.parser();
            default -> throw new IllegalArgumentException("no such message: " + message);
        };
    }
}
