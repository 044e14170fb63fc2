package org.amend4j.cuda.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A folder of compiled code. Its files are named by the SHA-256 of their makings, so they are never out of date, and appear
 * whole or not at all; any of them may be deleted at any time. Whoever can write to the folder can run code as the user.
 */
public final class CodeCache {

    private final Path folder;

    private CodeCache(Path folder) {
        this.folder = folder;
    }

    /** A cache in a folder, which is made when the first file is. */
    public static CodeCache in(Path folder) {
        return new CodeCache(folder);
    }

    /**
     * The user's cache: {@code amend4j/code} under the folder named by the environment variable XDG_CACHE_HOME, else under {@code
     * .cache} in the home directory.
     */
    public static CodeCache ofUser() {
        String base = System.getenv("XDG_CACHE_HOME");
        Path root = base == null || base.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(base);
        return in(root.resolve("amend4j").resolve("code"));
    }

    /** Makes a file. */
    @FunctionalInterface
    public interface Maker {
        void make(Path target) throws IOException;
    }

    /**
     * The file made from {@code makings}, made now if it is not there.
     *
     * @param ending of the file's name
     * @param maker writes the file; what it throws leaves nothing behind
     * @param makings everything that the content depends on: sources, flags, versions
     */
    public Path get(String ending, Maker maker, String... makings) {
        Path file = folder.resolve(digest(makings) + ending);
        if (Files.exists(file)) {
            return file;
        }
        try {
            Files.createDirectories(folder);
            Path draft = Files.createTempFile(folder, "draft", ending);
            try {
                maker.make(draft);
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(draft);
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep compiled code in " + folder, e);
        }
    }

    private static String digest(String... makings) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : makings) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
