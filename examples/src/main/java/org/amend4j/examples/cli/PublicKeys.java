package org.amend4j.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Public keys on the command line: the key itself, or a file that holds it. */
final class PublicKeys {

    private PublicKeys() {}

    static String key(String keyOrFile) throws IOException {
        if (keyOrFile.endsWith("=")) {
            return keyOrFile;
        }
        // base64 may end without '=' and is a possible name of a file, too
        Path file = Path.of(keyOrFile);
        return Files.isRegularFile(file) ? Files.readString(file).strip() : keyOrFile;
    }
}
