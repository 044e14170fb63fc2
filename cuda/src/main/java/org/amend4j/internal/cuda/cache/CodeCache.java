/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cache;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Optional;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.digest.Sha256;

/**
 * A folder of compiled code. Its files are named by the SHA-256 of their makings and of their content, so they are never out of
 * date, appear whole or not at all, and are regenerated if damaged; any of them may be deleted at any time. Whoever can
 * write to the folder can run code as the user. If it cannot be used, a temporary folder of this process is used instead.
 */
public final class CodeCache {

    private final Path folder;
    private final SpareFolder spare;

    CodeCache(Path folder, SpareFolder spare) {
        this.folder = folder;
        this.spare = spare;
    }

    /** A cache in a folder, which is made when the first file is. */
    public static CodeCache in(Path folder) {
        return new CodeCache(folder, SpareFolder.OF_PROCESS);
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
     * The file made from {@code makings}, made now if it is not there or not whole.
     *
     * @param ending of the file's name
     * @param maker writes the file; what it throws leaves nothing behind
     * @param makings everything that the content depends on: sources, flags, versions
     * @throws MachineException if the file cannot be made, or kept nowhere
     */
    public Path get(String ending, Maker maker, String... makings) {
        String start = digest(makings) + "-";
        try {
            return get(folder, start, ending, maker);
        } catch (IOException e) {
            return getFromSpare(e, start, ending, maker);
        }
    }

    private Path getFromSpare(IOException reason, String start, String ending, Maker maker) {
        try {
            return get(spare.instead(folder, reason), start, ending, maker);
        } catch (IOException e) {
            throw new MachineException(
                    "compiled code can be kept neither in " + folder + " (" + reason + ") nor in a temporary folder ("
                            + e + "); set XDG_CACHE_HOME to a folder that can be written to",
                    e);
        }
    }

    private static Path get(Path folder, String start, String ending, Maker maker) throws IOException {
        Optional<Path> kept = find(folder, start, ending);
        return kept.isPresent() ? kept.get() : make(folder, start, ending, maker);
    }

    /** A whole file; others of the name are removed. */
    private static Optional<Path> find(Path folder, String start, String ending) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, start + "*" + ending)) {
            for (Path file : files) {
                if (isWhole(file, start, ending)) {
                    return Optional.of(file);
                }
                Files.deleteIfExists(file);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return Optional.empty();
    }

    private static boolean isWhole(Path file, String start, String ending) throws IOException {
        try {
            return file.endsWith(start + contentDigest(file) + ending);
        } catch (NoSuchFileException deletedMeanwhile) {
            return false;
        }
    }

    private static Path make(Path folder, String start, String ending, Maker maker) throws IOException {
        Files.createDirectories(folder);
        Path draft = Files.createTempFile(folder, "draft", ending);
        try {
            try {
                maker.make(draft);
            } catch (IOException e) {
                throw new MachineException("code cannot be compiled: " + e, e);
            }
            Path file = folder.resolve(start + contentDigest(draft) + ending);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            return file;
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static String contentDigest(Path file) throws IOException {
        return Sha256.hex(Files.readAllBytes(file));
    }

    private static String digest(String... makings) {
        MessageDigest digest = Sha256.start();
        for (String part : makings) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return Sha256.hex(digest);
    }
}
