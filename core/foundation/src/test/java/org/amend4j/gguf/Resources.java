/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Files that tests read. */
final class Resources {
    private Resources() {}

    static Path path(String name) {
        try {
            return Path.of(Objects.requireNonNull(Resources.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] bytes(String name) throws IOException {
        return Files.readAllBytes(path(name));
    }

    /** The 36 broken files. */
    static List<Path> hostile() {
        try (Stream<Path> files = Files.list(path("hostile"))) {
            return files.filter(file -> !file.endsWith("00-good.gguf")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
