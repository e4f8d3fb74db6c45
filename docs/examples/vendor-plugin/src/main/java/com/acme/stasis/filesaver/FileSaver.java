// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import com.acme.stasis.filesaver.image.SavedFile;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.nio.file.Path;
import java.util.List;
import org.pf4j.Extension;

/**
 * Saves open files together with their content, and creates them anew at a restore, possibly elsewhere.
 *
 * <p>Stasis itself saves the path of an open file and expects the file to be there at the restore. This handler is
 * for files that go with the program: spool files, scratch files that are unlinked already, state below
 * {@code /var/lib}. Which files, and where they are created, is set in {@code reference.conf}.
 *
 * <p>The object has no state: what belongs to a run is kept in the run's attachments.
 */
@Extension
public final class FileSaver implements FdHandler<SavedFile> {
    /** The plugin's id. On disk: part of images' names. */
    static final String ID = "acme-file-saver";

    private static final ImageType<SavedFile> IMAGE = ImageType.of(ID, 1, SavedFile.parser());

    @Override
    public ImageType<SavedFile> imageType() {
        return IMAGE;
    }

    @Override
    public boolean claims(OpenFile file) {
        return false; // not without the settings
    }

    @Override
    public boolean claims(OpenFile file, DumpContext context) {
        return file.isRegular()
                && FileName.of(file)
                        .filter(name -> FileSaverSettings.of(context).matches(name.path()))
                        .isPresent();
    }

    @Override
    public List<Failure> check(OpenFile file, DumpContext context) {
        FileSaverSettings settings = FileSaverSettings.of(context);
        return SavedContents.of(context).check(file, settings, context);
    }

    @Override
    public SavedFile dump(OpenFile file, DumpContext context) {
        FileName name = FileName.of(file).orElseThrow();
        return SavedFile.newBuilder()
                .setContent(SavedContents.of(context).save(file, name, context))
                .setFlags(file.flags())
                .setPosition(file.position())
                .build();
    }

    @Override
    public List<Failure> checkOpen(SavedFile image, RestoreContext context) {
        return RestorePlan.of(context).check(image.getContent(), context);
    }

    @Override
    public Fd open(SavedFile image, RestoreContext context) {
        RestorePlan.of(context).item(image.getContent(), context);
        Path path = RestoredContents.of(context).path(image.getContent());
        try {
            Fd fd = context.local().open(path.toString(), OpenFlags.reopening(image.getFlags()));
            try {
                if (!OpenFlags.isPathOnly(image.getFlags())) {
                    context.local().call(Sysno.LSEEK, fd.number(), image.getPosition(), 0);
                }
                return fd;
            } catch (SyscallException e) {
                fd.close();
                throw e;
            }
        } catch (SyscallException e) {
            throw context.failure(FileSaverFailure.IO, Subject.of(path.toString()))
                    .why("it was created and cannot be opened as the program had it: " + e.getMessage())
                    .toException(e);
        }
    }
}
