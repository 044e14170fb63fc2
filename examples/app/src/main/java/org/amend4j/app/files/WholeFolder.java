/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.files;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.file.Folders;

/**
 * Results as folders that appear whole or not at all, {@link Folders#publish}ed: with the folders above them, gone again if the
 * process is stopped.
 */
public final class WholeFolder {

    private WholeFolder() {}

    /**
     * Makes a new folder, and those above it that are missing.
     *
     * @param writer fills the folder it is given
     * @throws IOException if it cannot be written, naming it; nothing is left then
     */
    public static void write(Path folder, WholeFile.Writer writer) throws IOException {
        write(folder, writer, Folders::publish);
    }

    /**
     * Makes a new folder, or checks that an existing one has the files that would be written, with the same bytes. Hidden files in it are
     * ignored.
     *
     * @param writer fills a folder in either case
     * @throws BadInputException if another folder is there, naming the file that differs; it is left as it is
     * @throws IOException if it cannot be written or compared
     */
    public static void writeOrCompare(Path folder, WholeFile.Writer writer) throws IOException {
        write(folder, writer, (temporary, whole) -> {
            if (Files.exists(whole, LinkOption.NOFOLLOW_LINKS)) {
                requireSame(folder, temporary);
            } else {
                Folders.publish(temporary, whole);
            }
        });
    }

    /** What becomes of a folder that was written under another name. */
    @FunctionalInterface
    private interface Finish {
        void accept(Path temporary, Path whole) throws IOException;
    }

    private static void write(Path folder, WholeFile.Writer writer, Finish finish) throws IOException {
        Path whole = folder.toAbsolutePath();
        Path above = whole.getParent();
        if (above == null) {
            throw new IOException("not a folder's name: " + folder);
        }
        Path temporary = above.resolve("." + ProcessHandle.current().pid() + "." + whole.getFileName());
        try (Unfinished unfinished = Unfinished.at(temporary);
                MadeFolders made = MadeFolders.downTo(temporary)) {
            try {
                writer.write(temporary);
                finish.accept(temporary, whole);
                made.keep();
            } finally {
                Folders.delete(temporary);
            }
        } catch (ClosedByInterruptException stopped) {
            throw stopped;
        } catch (IOException failed) {
            throw new IOException("cannot write " + folder + ": " + Reasons.of(failed), failed);
        }
    }

    private static void requireSame(Path folder, Path expected) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new BadInputException(folder + " must be a folder, or not be there");
        }
        Set<Path> names = new TreeSet<>(files(expected));
        names.addAll(files(folder));
        for (Path name : names) {
            Path wanted = expected.resolve(name);
            Path found = folder.resolve(name);
            if (!Files.exists(wanted) || !Files.exists(found) || Files.mismatch(wanted, found) >= 0) {
                throw new BadInputException(folder + " is there, but not as this version writes it (" + name
                        + " differs): remove it, or choose another folder");
            }
        }
    }

    /** All but hidden ones and those in hidden folders, their names within the folder. */
    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(folder::relativize)
                    .filter(name -> !isHidden(name))
                    .toList();
        }
    }

    private static boolean isHidden(Path name) {
        return StreamSupport.stream(name.spliterator(), false)
                .anyMatch(part -> part.toString().startsWith("."));
    }

    /** Removes what killed runs left behind while they wrote this folder. No run may be writing it. */
    public static void removeLeftovers(Path folder) throws IOException {
        Path whole = folder.toAbsolutePath();
        Pattern temporary = Pattern.compile("\\.[0-9]+\\." + Pattern.quote(String.valueOf(whole.getFileName())));
        List<Path> found;
        try (Stream<Path> beside = Files.list(whole.getParent())) {
            found = beside.filter(path -> temporary
                            .matcher(String.valueOf(path.getFileName()))
                            .matches())
                    .filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
        for (Path left : found) {
            Folders.delete(left);
        }
    }
}
