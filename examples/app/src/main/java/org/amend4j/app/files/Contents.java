/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.digest.Sha256;

/** Whether files are what they were. */
public final class Contents {

    private static final int CHUNK = 1 << 16;

    private Contents() {}

    /**
     * SHA-256 of files and of everything below folders, with the names there; what a file or folder itself is called makes no difference.
     *
     * @throws BadInputException if one cannot be read
     */
    public static String sha256(List<Path> filesAndFolders) {
        MessageDigest digest = Sha256.start();
        for (Path top : filesAndFolders) {
            try (Stream<Path> all = Files.walk(top)) {
                for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                    add(digest, top.relativize(file).toString(), file);
                }
            } catch (IOException unreadable) {
                throw new BadInputException("cannot read " + top + ": " + Reasons.of(unreadable), unreadable);
            }
        }
        return Sha256.hex(digest);
    }

    private static void add(MessageDigest digest, String name, Path file) throws IOException {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                .putInt(text.length)
                .putLong(Files.size(file))
                .flip());
        digest.update(text);
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
            }
        }
    }
}
