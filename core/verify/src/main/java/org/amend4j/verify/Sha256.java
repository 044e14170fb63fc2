/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** SHA-256 of what is added. */
final class Sha256 {

    /** The certificate lies next to the files that it is about. */
    private static final String CERTIFICATE = "certificate.json";

    private final MessageDigest digest;

    Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    Sha256 add(byte[] bytes) {
        digest.update(bytes);
        return this;
    }

    Sha256 add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    byte[] bytes() {
        return digest.digest();
    }

    String hex() {
        return HexFormat.of().formatHex(bytes());
    }

    /**
     * Of a folder: of every file but hidden ones and the certificate, by name, the name, a zero byte and the content's SHA-256.
     */
    static String ofFolder(Path folder) throws IOException {
        Sha256 all = new Sha256();
        try (Stream<Path> walk = Files.walk(folder)) {
            List<String> names = walk.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> !name.startsWith(".") && !name.equals(CERTIFICATE))
                    .sorted()
                    .toList();
            for (String name : names) {
                all.add(name).add(new byte[1]).add(ofFile(folder.resolve(name)));
            }
        }
        return all.hex();
    }

    static String hexOfFile(Path file) throws IOException {
        return HexFormat.of().formatHex(ofFile(file));
    }

    private static byte[] ofFile(Path file) throws IOException {
        Sha256 content = new Sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), content.digest)) {
            // reading is what updates the digest
            in.transferTo(OutputStream.nullOutputStream());
        }
        return content.bytes();
    }
}
