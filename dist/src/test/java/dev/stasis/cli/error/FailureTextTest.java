// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.error;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.FailureCode;
import dev.stasis.spi.error.Subject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FailureTextTest {
    private static final Failure TCP = Failure.of(
                    Code.ESTABLISHED_NOT_ALLOWED,
                    new Subject(4211, "postgres", 7, "TCP 10.0.0.5:5432 -> 10.0.0.9:51022"))
            .why("the connection is established and saving it was not allowed")
            .remedy("--tcp-established keeps it (the peer must not reach this host meanwhile)")
            .remedy("--tcp-close drops it on restore")
            .phase("COLLECT")
            .plugin("tcp-repair")
            .build();

    private final FailureText text = new FailureText("dump", Map.of("tcp-repair", "1.0.0"));

    @Test
    void namesProcessResourceReasonRemediesPlaceAndState() {
        assertEquals("""
                cannot dump pid 4211 (postgres), fd 7: TCP 10.0.0.5:5432 -> 10.0.0.9:51022
                  why    the connection is established and saving it was not allowed
                  do     --tcp-established keeps it (the peer must not reach this host meanwhile), or
                         --tcp-close drops it on restore
                  where  phase COLLECT, plugin tcp-repair 1.0.0, code tcp-repair/ESTABLISHED_NOT_ALLOWED
                  state  all processes run again as before
                """, text.render(new CrException(TCP), "all processes run again as before"));
    }

    @Test
    void listsEveryFailureAndTheStateOnce() {
        Failure kernels = Failure.of(Code.KVM, new Subject(4212, "qemu", 9, "/dev/kvm"))
                .why("nothing saves this device")
                .phase("CHECK")
                .plugin(Failure.KERNEL)
                .build();

        assertEquals("""
                cannot dump pid 4211 (postgres), fd 7: TCP 10.0.0.5:5432 -> 10.0.0.9:51022
                  why    the connection is established and saving it was not allowed
                  do     --tcp-established keeps it (the peer must not reach this host meanwhile), or
                         --tcp-close drops it on restore
                  where  phase COLLECT, plugin tcp-repair 1.0.0, code tcp-repair/ESTABLISHED_NOT_ALLOWED

                cannot dump pid 4212 (qemu), fd 9: /dev/kvm
                  why    nothing saves this device
                  where  phase CHECK, code kernel/KVM
                  state  nothing was changed
                """, text.render(new CrException(List.of(TCP, kernels)), "nothing was changed"));
    }

    @Test
    void saysWhatWentWrongWhilePuttingBack() {
        CrException failed = new CrException(TCP);
        failed.addSuppressed(new IllegalStateException("the lock on 10.0.0.9 is still there"));

        String rendered = text.render(failed, "");

        assertEquals("  undo   failed as well: the lock on 10.0.0.9 is still there", lastLine(rendered));
    }

    @Test
    void doesNotCallAFileTheThingThatIsRestored() {
        Failure damaged = Failure.of(Code.KVM, Subject.of("/d/pstree.img"))
                .why("the file ends in the middle of an entry")
                .build();

        String rendered = new FailureText("restore", Map.of()).render(damaged);

        assertEquals(
                "cannot restore: /d/pstree.img", rendered.lines().findFirst().orElseThrow());
    }

    @Test
    void letsNoNameRepaintTheTerminal() {
        Failure hostile =
                Failure.of(Code.KVM, Subject.process(7, "a\u001b[2Jb", "x\ny")).build();

        String rendered = text.render(hostile);

        assertEquals(
                "cannot dump pid 7 (a\\x1b[2Jb): x\\x0ay",
                rendered.lines().findFirst().orElseThrow());
    }

    private static String lastLine(String rendered) {
        List<String> lines = rendered.lines().toList();
        return lines.get(lines.size() - 1);
    }

    private enum Code implements FailureCode {
        ESTABLISHED_NOT_ALLOWED,
        KVM;

        @Override
        public ErrorType type() {
            return ErrorType.UNSUPPORTED;
        }
    }
}
