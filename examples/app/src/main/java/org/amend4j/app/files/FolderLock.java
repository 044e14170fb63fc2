/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.data.BadInputException;
import org.amend4j.file.LockedException;
import org.amend4j.internal.file.WriterLock;

/**
 * A name to which only this process writes until it is closed; a second run is refused before it computes anything. The system releases the
 * lock however the process ends. Its lock file, {@code .NAME.lock} in the same folder, is removed unless the process is killed, and then
 * blocks no other run.
 */
public final class FolderLock implements AutoCloseable {

    private final Path file;
    private final WriterLock lock;
    private final Unfinished unfinished;
    private final MadeFolders made;

    private FolderLock(Path file, WriterLock lock, MadeFolders made) {
        this.file = file;
        this.lock = lock;
        this.unfinished = Unfinished.at(file);
        this.made = made;
    }

    /**
     * Claims a file or folder, which need not exist.
     *
     * @param option how the user named it
     * @throws BadInputException if another run has it, or there can be no lock file next to it
     */
    public static FolderLock of(String option, Path path) {
        Path whole = path.toAbsolutePath().normalize();
        Path above = whole.getParent();
        if (above == null) {
            throw new BadInputException(option + ": " + path + " is no name");
        }
        String name = "." + whole.getFileName() + ".lock";
        try {
            MadeFolders made = MadeFolders.downTo(above);
            try {
                return new FolderLock(above.resolve(name), WriterLock.of(above, name, String.valueOf(path)), made);
            } catch (IOException refused) {
                made.close();
                throw refused;
            }
        } catch (LockedException taken) {
            throw new BadInputException(
                    option + ": another run is writing to " + path + ": wait until it is over, or choose another name",
                    taken);
        } catch (IOException impossible) {
            throw new BadInputException(
                    option + ": cannot write beside " + path + ": " + Reasons.of(impossible), impossible);
        }
    }

    /** Folders that were made for it stay if something is in them. */
    @Override
    public void close() throws IOException {
        try {
            // First the file: whoever opens it from now on finds another one.
            Files.deleteIfExists(file);
            lock.close();
        } finally {
            unfinished.close();
            made.close();
        }
    }
}
