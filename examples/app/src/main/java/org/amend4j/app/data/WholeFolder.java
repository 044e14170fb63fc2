package org.amend4j.app.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** Writes folders that appear whole or not at all: under a temporary name, then renamed. */
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
                Files.move(temporary, whole, StandardCopyOption.ATOMIC_MOVE);
                made.keep();
            } finally {
                remove(temporary);
            }
        } catch (ClosedByInterruptException stopped) {
            throw stopped;
        } catch (IOException failed) {
            throw new IOException("cannot write " + folder + ": " + Reasons.of(failed), failed);
        }
    }

    /** With everything in it; nothing if it is not there. */
    public static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (UncheckedIOException gone) {
            throw gone.getCause();
        }
    }
}
