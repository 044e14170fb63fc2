/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.amend4j.data.BadInputException;

/**
 * Where results are to go: refused before anything is computed if it cannot be written. Trial files are removed again, so
 * that a later refusal leaves nothing.
 */
public final class Destination {

    /** More than what file systems have left over on a full disk. */
    private static final int TRIED_BYTES = 1 << 14;

    private Destination() {}

    /**
     * A folder, new or not, that files will be put into.
     *
     * @param option how the user named it
     * @throws BadInputException if that is not possible
     */
    public static void folder(String option, Path folder) {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new BadInputException(option + " must be a folder, " + folder + " is a file");
        }
        tryOut(option, folder, folder, "amend4j");
    }

    /** As {@link #folder}, of a folder or file that must not exist yet. */
    public static void somethingNew(String option, Path path) {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new BadInputException(option + ": " + path + " exists already; remove it or choose another name");
        }
        beside(option, path);
    }

    /** As {@link #folder}, of a file, which is replaced if it is there. */
    public static void file(String option, Path file) {
        if (Files.isDirectory(file)) {
            throw new BadInputException(option + " must be a file, " + file + " is a folder");
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new BadInputException(option + " must be a plain file, " + file + " is something else");
        }
        beside(option, file);
    }

    private static void beside(String option, Path path) {
        Path above = path.toAbsolutePath().getParent();
        if (above == null) {
            throw new BadInputException(option + ": " + path + " is no name");
        }
        tryOut(option, path, above, String.valueOf(path.getFileName()));
    }

    private static void tryOut(String option, Path path, Path folder, String name) {
        Path trial = folder.resolve("." + ProcessHandle.current().pid() + "." + name);
        try (MadeFolders made = MadeFolders.downTo(folder)) {
            try {
                Files.write(trial, new byte[TRIED_BYTES], StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            } finally {
                Files.deleteIfExists(trial);
            }
        } catch (NoSuchFileException odd) {
            // Folders that the system makes up, such as /proc.
            throw refused(option, path, folder + " takes no files", odd);
        } catch (IOException impossible) {
            throw refused(option, path, Reasons.of(impossible), impossible);
        }
    }

    private static BadInputException refused(String option, Path path, String reason, IOException cause) {
        return new BadInputException(option + ": cannot write " + path + ": " + reason, cause);
    }
}
