/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.certificate;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.json.Jcs;

/** SHA-256 digests of what certificates refer to: 64 hexadecimal digits each. */
public final class Digests {

    private Digests() {}

    /** Of bytes. */
    public static String of(byte[] bytes) {
        return Sha256.hex(bytes);
    }

    /** Of a file of any size. */
    public static String of(Path file) throws IOException {
        return hex(ofFile(file));
    }

    /**
     * The digest of a folder's files: for each, in the order of their names relative to the folder (with '/'), the name, a zero byte, and
     * the SHA-256 of its content as 32 bytes. Files with a name that begins with a dot and {@code certificate.json} are left out.
     */
    public static String ofFolder(Path folder) throws IOException {
        MessageDigest all = Sha256.start();
        try (Stream<Path> walk = Files.walk(folder)) {
            List<String> names = walk.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> !name.startsWith(".") && !name.equals(CertificateFile.NAME))
                    .sorted()
                    .toList();
            for (String name : names) {
                all.update(name.getBytes(StandardCharsets.UTF_8));
                all.update((byte) 0);
                all.update(ofFile(folder.resolve(name)));
            }
        }
        return hex(all.digest());
    }

    /**
     * A folder's files, by name: all that there are, hidden ones and those in folders of it too, but for its certificate.
     *
     * @throws IOException if something in it is neither a file nor a folder, such as a link
     */
    public static List<ReleasedFile> filesOf(Path folder) throws IOException {
        List<ReleasedFile> files = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                String name = folder.relativize(path).toString().replace('\\', '/');
                if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                    throw new IOException("a release must hold files only, " + path + " is none");
                }
                if (!name.equals(CertificateFile.NAME)) {
                    files.add(new ReleasedFile(name, Files.size(path), hex(ofFile(path))));
                }
            }
        }
        files.sort(Comparator.comparing(ReleasedFile::name));
        return List.copyOf(files);
    }

    /** Of a list of files, in canonical form. */
    public static String of(List<ReleasedFile> files) {
        return of(Jcs.bytes(files));
    }

    private static byte[] ofFile(Path file) throws IOException {
        MessageDigest digest = Sha256.start();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            // reading is what updates the digest
            in.transferTo(OutputStream.nullOutputStream());
        }
        return digest.digest();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
