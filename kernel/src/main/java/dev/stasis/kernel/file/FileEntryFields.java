// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import com.google.protobuf.MessageLite;
import dev.stasis.spi.image.criu.BpfmapFileEntry;
import dev.stasis.spi.image.criu.EventfdFileEntry;
import dev.stasis.spi.image.criu.EventpollFileEntry;
import dev.stasis.spi.image.criu.ExtFileEntry;
import dev.stasis.spi.image.criu.FanotifyFileEntry;
import dev.stasis.spi.image.criu.FifoEntry;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.InetSkEntry;
import dev.stasis.spi.image.criu.InotifyFileEntry;
import dev.stasis.spi.image.criu.MemfdFileEntry;
import dev.stasis.spi.image.criu.NetlinkSkEntry;
import dev.stasis.spi.image.criu.NsFileEntry;
import dev.stasis.spi.image.criu.PacketSockEntry;
import dev.stasis.spi.image.criu.PidfdEntry;
import dev.stasis.spi.image.criu.PipeEntry;
import dev.stasis.spi.image.criu.RegFileEntry;
import dev.stasis.spi.image.criu.SignalfdEntry;
import dev.stasis.spi.image.criu.TimerfdEntry;
import dev.stasis.spi.image.criu.TtyFileEntry;
import dev.stasis.spi.image.criu.TunfileEntry;
import dev.stasis.spi.image.criu.UnixSkEntry;

/**
 * The fields of {@code file_entry} by number.
 *
 * <p>protobuf offers the same through descriptors, which take tens of milliseconds to build in a fresh JVM, and nothing
 * else in a dump or a restore needs them.
 */
final class FileEntryFields {
    private FileEntryFields() {}

    /** The message in field {@code number}; null if it is not set, or if there is no such field. */
    static MessageLite get(FileEntry entry, int number) {
        return switch (number) {
            case 3 -> entry.hasReg() ? entry.getReg() : null;
            case 4 -> entry.hasIsk() ? entry.getIsk() : null;
            case 5 -> entry.hasNsf() ? entry.getNsf() : null;
            case 6 -> entry.hasPsk() ? entry.getPsk() : null;
            case 7 -> entry.hasNlsk() ? entry.getNlsk() : null;
            case 8 -> entry.hasEfd() ? entry.getEfd() : null;
            case 9 -> entry.hasEpfd() ? entry.getEpfd() : null;
            case 10 -> entry.hasSgfd() ? entry.getSgfd() : null;
            case 11 -> entry.hasTunf() ? entry.getTunf() : null;
            case 12 -> entry.hasTfd() ? entry.getTfd() : null;
            case 13 -> entry.hasIfy() ? entry.getIfy() : null;
            case 14 -> entry.hasFfy() ? entry.getFfy() : null;
            case 15 -> entry.hasExt() ? entry.getExt() : null;
            case 16 -> entry.hasUsk() ? entry.getUsk() : null;
            case 17 -> entry.hasFifo() ? entry.getFifo() : null;
            case 18 -> entry.hasPipe() ? entry.getPipe() : null;
            case 19 -> entry.hasTty() ? entry.getTty() : null;
            case 20 -> entry.hasMemfd() ? entry.getMemfd() : null;
            case 21 -> entry.hasBpf() ? entry.getBpf() : null;
            case 22 -> entry.hasPidfd() ? entry.getPidfd() : null;
            default -> null;
        };
    }

    /** Sets field {@code number}; returns false if there is none for messages of that kind. */
    static boolean set(FileEntry.Builder entry, int number, MessageLite message) {
        switch (number) {
            case 3 -> entry.setReg((RegFileEntry) message);
            case 4 -> entry.setIsk((InetSkEntry) message);
            case 5 -> entry.setNsf((NsFileEntry) message);
            case 6 -> entry.setPsk((PacketSockEntry) message);
            case 7 -> entry.setNlsk((NetlinkSkEntry) message);
            case 8 -> entry.setEfd((EventfdFileEntry) message);
            case 9 -> entry.setEpfd((EventpollFileEntry) message);
            case 10 -> entry.setSgfd((SignalfdEntry) message);
            case 11 -> entry.setTunf((TunfileEntry) message);
            case 12 -> entry.setTfd((TimerfdEntry) message);
            case 13 -> entry.setIfy((InotifyFileEntry) message);
            case 14 -> entry.setFfy((FanotifyFileEntry) message);
            case 15 -> entry.setExt((ExtFileEntry) message);
            case 16 -> entry.setUsk((UnixSkEntry) message);
            case 17 -> entry.setFifo((FifoEntry) message);
            case 18 -> entry.setPipe((PipeEntry) message);
            case 19 -> entry.setTty((TtyFileEntry) message);
            case 20 -> entry.setMemfd((MemfdFileEntry) message);
            case 21 -> entry.setBpf((BpfmapFileEntry) message);
            case 22 -> entry.setPidfd((PidfdEntry) message);
            default -> {
                return false;
            }
        }
        return true;
    }
}
