package org.amend4j.certificate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.objective.RecordIds;

/** SHA-256 of things that certificates name: 64 hexadecimal digits each. */
public final class Digests {

    private static final int BUFFER = 1 << 16;

    private Digests() {}

    /** Of ids, 8 bytes each, most significant first, ascending. */
    public static String of(RecordIds ids) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Long.BYTES, ids.size()));
        ids.stream().forEach(bytes::putLong);
        return hex(sha256().digest(bytes.array()));
    }

    /** Of bytes. */
    public static String of(byte[] bytes) {
        return hex(sha256().digest(bytes));
    }

    /**
     * Of a folder's files: for each, in the order of their names relative to the folder (with '/'), the name, a zero byte, and the
     * SHA-256 of its content as 32 bytes. Files whose name begins with a dot and {@code certificate.json} are left out.
     */
    public static String ofFolder(Path folder) throws IOException {
        MessageDigest all = sha256();
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

    private static byte[] ofFile(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            while (in.read(buffer) >= 0) {
                // reading is what updates the digest
            }
        }
        return digest.digest();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
