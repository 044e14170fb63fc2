/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Temporary files left behind by a process that was killed while it wrote: {@code .PID.NAME} of {@link WholeFile} and
 * {@code .NAME.UUID.tmp} of {@link org.amend4j.internal.file.AtomicFile}.
 */
public final class Leftovers {

    private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

    private final Pattern names;

    /** @param names a regular expression for the names of the files that were to be written */
    public Leftovers(String names) {
        this.names = Pattern.compile("\\.[0-9]+\\.(" + names + ")|\\.(" + names + ")\\." + UUID + "\\.tmp");
    }

    /**
     * Removes those that are in a folder itself; everything else stays. No run may be writing there.
     *
     * @param folder need not exist
     */
    public void removeFrom(Path folder) throws IOException {
        for (Path file : in(folder)) {
            Files.delete(file);
        }
    }

    /** Whether there are any in a folder itself, which need not exist. */
    public boolean areIn(Path folder) throws IOException {
        return !in(folder).isEmpty();
    }

    private List<Path> in(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(this::isOne).toList();
        }
    }

    private boolean isOne(Path file) {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && names.matcher(String.valueOf(file.getFileName())).matches();
    }
}
