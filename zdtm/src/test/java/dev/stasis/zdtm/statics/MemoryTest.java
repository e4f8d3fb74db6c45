// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Images;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Memory holds what it held, and goes on to behave as it did. */
class MemoryTest {
    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/mem_private.c")
    void privateMemory(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_private_file.c")
    void privateFile(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_shared_file.c")
    void sharedFile(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/mem_shared_anonymous.c")
    void sharedAnonymousMemory(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_copy_on_write.c")
    void copyOnWrite(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/mem_forked_tree.c")
    void forkedTreeSharesItsMemory(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_stack_growth.c")
    void stackGrows(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_heap.c")
    void heap(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_vdso.c")
    void vdso(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_vsyscall.c")
    void vsyscallPage(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_protections.c")
    void protections(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_advice.c")
    void advice(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_grows_down.c")
    void mappingThatGrowsDown(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_locked.c")
    void lockedMemory(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_sparse.c")
    void reservationsLargerThanTheMachine(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_many_mappings.c")
    void twentyThousandMappings(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_addresses.c")
    void extremeAddresses(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_huge_pages.c")
    void hugePages(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_dev_zero.c")
    void mappingsOfDevZero(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_generated_code.c")
    void generatedCode(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_moved.c")
    void movedAndSplitMappings(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(modes = {Mode.NATIVE, Mode.RESTORED})
    @SubjectProgram("static/mem_zero_pages.c")
    void zeroPagesAreNotStored(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        Images images = cr.dump(subject);
        assertTrue(images.pageBytes() < 4 << 20, () -> images.pageBytes() + " bytes of pages for a small program");
        cr.restore(images);
        subject.finishAndVerify();
    }

    @ZdtmTest
    @SubjectProgram("static/mem_guard_pages.c")
    void guardPages(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mem_droppable.c")
    void droppableMemory(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
