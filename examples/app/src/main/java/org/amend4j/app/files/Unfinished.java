/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.files;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Something on disk that is of no use unless the work on it is completed: closed when it is, removed by
 * {@link #discardAll()} if the process is stopped before.
 */
public final class Unfinished implements AutoCloseable {

    private static final Set<Unfinished> OPEN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final String ending;
    private final Set<Path> older;

    private Unfinished(Path path, String ending, Set<Path> older) {
        this.path = path.toAbsolutePath();
        this.ending = ending;
        this.older = older;
        OPEN.add(this);
    }

    /** A file, or a folder with everything in it; it need not exist yet. */
    public static Unfinished at(Path path) {
        return new Unfinished(path, "", Set.of());
    }

    /** Files with this ending that appear in a folder from now on. */
    public static Unfinished in(Path folder, String ending) {
        return new Unfinished(folder, ending, Set.copyOf(below(folder.toAbsolutePath())));
    }

    /** Removes what is unfinished now; for a process that is being stopped. What cannot be removed stays. */
    public static void discardAll() {
        for (Unfinished one : OPEN) {
            below(one.path).stream()
                    .filter(path -> path.toString().endsWith(one.ending) && !one.older.contains(path))
                    .sorted(Comparator.reverseOrder())
                    .map(Path::toFile)
                    .forEach(File::delete);
        }
    }

    private static List<Path> below(Path path) {
        if (!Files.exists(path)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(path)) {
            return all.toList();
        } catch (IOException | UncheckedIOException changing) {
            return List.of();
        }
    }

    @Override
    public void close() {
        OPEN.remove(this);
    }
}
