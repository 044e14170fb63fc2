/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/** A temporary folder that only this user can write to, made when it is first needed and removed when the process ends. */
final class SpareFolder {

    static final SpareFolder OF_PROCESS = new SpareFolder(Path.of(System.getProperty("java.io.tmpdir")));

    private static final Logger LOG = LogManager.getLogger(SpareFolder.class);

    private final Path parent;
    private @Nullable Path folder;

    SpareFolder(Path parent) {
        this.parent = parent;
    }

    /** The folder to take instead of one that cannot be used; the first time that is said. */
    synchronized Path instead(Path unusable, IOException reason) throws IOException {
        if (folder == null) {
            Path made = Files.createTempDirectory(parent, "amend4j-code");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(made), "amend4j-spare-code"));
            LOG.warn(
                    "compiled code cannot be kept in {} ({}), so it is kept in {} and made again by the next process; set"
                            + " XDG_CACHE_HOME to a folder that can be written to",
                    unusable,
                    reason.toString(),
                    made);
            folder = made;
        }
        return folder;
    }

    private static void remove(Path folder) {
        try (Stream<Path> inside = Files.walk(folder)) {
            List<Path> deepestFirst = inside.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("a temporary folder stays: {}", folder, e);
        }
    }
}
