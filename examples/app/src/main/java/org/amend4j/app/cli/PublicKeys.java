/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.data.BadInputException;
import org.amend4j.transparency.NoteKey;

/** Public keys on the command line: the key itself, or a file that holds it. What is neither must not look like a wrong signature. */
final class PublicKeys {

    private static final int MOST_BYTES = 1 << 12;

    private PublicKeys() {}

    /**
     * An issuer's key, X.509, base64.
     *
     * @throws BadInputException if it is none
     */
    static String issuer(String keyOrFile) throws IOException {
        String key = key(keyOrFile);
        try {
            NoteKey.of("issuer", NoteKey.Kind.NOTE, key);
            return key;
        } catch (IllegalArgumentException none) {
            throw new BadInputException(
                    "--public-key: '" + keyOrFile
                            + "' is neither an Ed25519 public key in base64 nor a file that holds one",
                    none);
        }
    }

    /**
     * A witness's key, {@code name+id+base64}.
     *
     * @throws BadInputException if it is none
     */
    static String witness(String keyOrFile) throws IOException {
        String key = key(keyOrFile);
        try {
            NoteKey.parse(key);
            return key;
        } catch (IllegalArgumentException none) {
            throw new BadInputException(
                    "--witness: '" + keyOrFile + "' is neither a key written name+id+base64 nor a file that holds one",
                    none);
        }
    }

    private static String key(String keyOrFile) throws IOException {
        if (keyOrFile.endsWith("=")) {
            return keyOrFile;
        }
        // base64 may end without '=' and is a possible name of a file, too
        Path file = Path.of(keyOrFile);
        boolean isKeys = Files.isRegularFile(file) && Files.size(file) <= MOST_BYTES;
        return isKeys ? Files.readString(file).strip() : keyOrFile;
    }
}
