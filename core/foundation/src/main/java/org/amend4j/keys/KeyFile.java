/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.keys;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.RegularFile;
import org.amend4j.internal.file.WriterLock;

/**
 * A file with one key-encryption key: 64 hexadecimal digits (32 bytes) and perhaps an end of line. Where the file system knows POSIX
 * permissions, only its owner can read it, and it is refused if others have any permission.
 *
 * <p>This file and an old copy of a {@link KeyRing} together give the keys that were destroyed since. So keep it on another medium than the
 * ring and out of backups that hold rings, and best in a store where keys can be replaced.
 */
public final class KeyFile {
    /** Length of a key-encryption key. */
    public static final int KEY_BYTES = 32;

    private static final int DIGITS = 2 * KEY_BYTES;
    private static final int MOST_BYTES = DIGITS + 2;
    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rwx------");

    private KeyFile() {}

    /**
     * Reads the key of a file, and makes one if there is none. An empty lock file stays next to a file that was made, so that two processes
     * do not make two keys.
     *
     * @param file in an existing directory
     * @return 32 bytes, the caller's own
     * @throws IOException if the file is not as it must be, or another process is just making it
     */
    public static byte[] openOrCreate(Path file) throws IOException {
        if (!Files.exists(file)) {
            create(file);
        }
        return open(file);
    }

    /**
     * The key of a file that is there.
     *
     * @return 32 bytes, the caller's own
     * @throws IOException if it is not there or not as it has to be
     */
    public static byte[] open(Path file) throws IOException {
        byte[] text = {};
        try (InputStream stream = Files.newInputStream(RegularFile.of(file))) {
            requirePrivate("the key file", file);
            text = stream.readNBytes(MOST_BYTES + 1);
            return parse(text, file);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no key file " + file, e);
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    /** Removes a key and its lock file; the key must not be in use. */
    public static void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(lock(file));
    }

    private static Path lock(Path file) {
        return file.resolveSibling(file.getFileName() + ".lock");
    }

    private static void create(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new IOException("the directory of the key file " + file + " does not exist");
        }
        try (WriterLock ignored =
                WriterLock.of(directory, lock(file).getFileName().toString(), "the key file")) {
            if (Files.exists(file)) {
                return; // another process was faster
            }
            AtomicFile.removeLeftovers(file);
            byte[] key = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(key);
            try (AtomicFile target = AtomicFile.createPrivate(file)) {
                target.stream().write((HexFormat.of().formatHex(key) + "\n").getBytes(StandardCharsets.US_ASCII));
                target.commit();
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        }
    }

    /** Refuses a file that others than its owner may read or write, where the file system knows. */
    static void requirePrivate(String what, Path file) throws IOException {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (!OWNERS.containsAll(permissions)) {
            throw new IOException(what + " " + file + " must be its owner's alone (rw-------), but has "
                    + PosixFilePermissions.toString(permissions) + ": chmod 600 " + file
                    + " helps, if nobody has read it");
        }
    }

    private static byte[] parse(byte[] text, Path file) throws IOException {
        int length = text.length;
        if (length > 0 && length <= MOST_BYTES && text[length - 1] == '\n') {
            length--;
            length -= length > 0 && text[length - 1] == '\r' ? 1 : 0;
        }
        if (length != DIGITS) {
            throw new IOException("the key file " + file + " must have " + DIGITS + " hexadecimal digits, has "
                    + (length > MOST_BYTES ? "more" : length) + " characters");
        }
        byte[] key = new byte[KEY_BYTES];
        for (int i = 0; i < DIGITS; i++) {
            // not isHexDigit(int), which takes the byte of a character beyond ASCII for another one
            int digit = text[i] < 0 ? -1 : Character.digit((char) text[i], 16);
            if (digit < 0) {
                Arrays.fill(key, (byte) 0);
                throw new IOException("the key file " + file + " must have " + DIGITS
                        + " hexadecimal digits, character " + (i + 1) + " is none");
            }
            key[i / 2] = (byte) (key[i / 2] << 4 | digit);
        }
        return key;
    }
}
