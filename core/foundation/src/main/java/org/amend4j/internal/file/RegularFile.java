/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that can be read to their end: opening a pipe would wait for ever, and a folder is refused without its name. */
public final class RegularFile {

    private RegularFile() {}

    /**
     * The same file.
     *
     * @throws IOException if something else than a file has this name; what is missing is the reader's to refuse
     */
    public static Path of(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException(file + " must be a file, and is " + (Files.isDirectory(file) ? "a folder" : "none"));
        }
        return file;
    }

    /**
     * The same file, to be read into memory at once.
     *
     * @param most bytes that it may have
     * @throws IOException if something else than a file has this name, or it is larger
     */
    public static Path of(Path file, int most) throws IOException {
        of(file);
        if (Files.exists(file) && Files.size(file) > most) {
            throw new IOException(file + " is larger than " + most + " bytes");
        }
        return file;
    }
}
