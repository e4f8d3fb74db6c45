// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;

/** Names a socket's family and type, which /proc does not show. */
final class SocketKinds {
    private static final int SOL_SOCKET = 1;
    private static final int SO_TYPE = 3;
    private static final int SO_PROTOCOL = 38;
    private static final int SO_DOMAIN = 39;
    private static final int TCP = 6;
    private static final int UDP = 17;

    private SocketKinds() {}

    static RefusedKinds.Kind of(OpenFile file) {
        String name;
        try (Fd fd = file.borrow();
                NativeBuffer value = NativeBuffer.allocate(8)) {
            name = name(
                    option(fd.number(), SO_DOMAIN, value),
                    option(fd.number(), SO_TYPE, value),
                    option(fd.number(), SO_PROTOCOL, value));
        } catch (SyscallException e) {
            name = "a socket";
        }
        return new RefusedKinds.Kind(
                name, "sockets are not saved without a plugin for them", "add a plugin that saves such sockets", false);
    }

    private static int option(int fd, int option, NativeBuffer value) {
        value.putInt(4, 4);
        Native.call(Sysno.GETSOCKOPT, fd, SOL_SOCKET, option, value.address(), value.address() + 4, 0);
        return value.getInt(0);
    }

    static String name(int domain, int type, int protocol) {
        switch (domain) {
            case 1:
                return "a " + type(type) + " unix socket";
            case 2:
            case 10:
                return "a " + internet(type, protocol) + " socket (IPv" + (domain == 2 ? "4" : "6") + ")";
            case 16:
                return "a netlink socket";
            case 17:
                return "a packet socket";
            case 29:
                return "a CAN socket";
            case 31:
                return "a Bluetooth socket";
            case 38:
                return "a socket of the kernel's cryptography (AF_ALG)";
            case 40:
                return "a socket to a virtual machine's host (AF_VSOCK)";
            case 44:
                return "an XDP socket";
            default:
                return "a socket of family " + domain;
        }
    }

    private static String internet(int type, int protocol) {
        switch (protocol) {
            case TCP:
                return "TCP";
            case UDP:
                return "UDP";
            case 1:
            case 58:
                return "ping";
            case 132:
                return "SCTP";
            case 136:
                return "UDP-Lite";
            case 262:
                return "multipath TCP";
            default:
                return type == 3 ? "raw" : type(type);
        }
    }

    private static String type(int type) {
        switch (type) {
            case 1:
                return "stream";
            case 2:
                return "datagram";
            case 3:
                return "raw";
            case 5:
                return "sequenced packet";
            default:
                return "type " + type;
        }
    }
}
