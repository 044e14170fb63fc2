/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.data;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
                Folders.publish(temporary, whole);
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

    /** Removes what runs left behind that were killed while they wrote this folder. Nobody may be writing it. */
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
