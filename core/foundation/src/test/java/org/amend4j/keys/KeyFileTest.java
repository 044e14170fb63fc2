/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.keys;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.amend4j.internal.file.WriterLock;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {

    @TempDir
    Path temp;

    private Path file;

    @BeforeEach
    void name() {
        file = temp.resolve("kek.hex");
    }

    private boolean posix() {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private void requireRefused(byte[] content) throws IOException {
        Files.write(file, content);
        String sentence = refused(IOException.class, "the key file " + file, () -> KeyFile.openOrCreate(file));
        assertTrue(sentence.contains("must have 64 hexadecimal digits"), sentence);
        assertArrayEquals(content, Files.readAllBytes(file), "a refused file is left as it is");
    }

    @Test
    void theKeyThatWasMadeIsTheOneThatIsReadFromThenOn() throws IOException {
        byte[] made = KeyFile.openOrCreate(file);
        assertEquals(32, made.length);
        assertEquals(HexFormat.of().formatHex(made) + "\n", Files.readString(file));
        assertArrayEquals(made, KeyFile.openOrCreate(file));
        assertArrayEquals(made, KeyFile.open(file));
        assertFalse(Arrays.equals(made, KeyFile.openOrCreate(temp.resolve("other.hex"))));
    }

    @Test
    void digitsOfEitherCaseAndEveryEndOfLineAreRead() throws IOException {
        byte[] made = KeyFile.openOrCreate(file);
        String digits = HexFormat.of().formatHex(made);
        for (String text : List.of(digits, digits.toUpperCase(java.util.Locale.ROOT), digits + "\n", digits + "\r\n")) {
            Files.writeString(file, text);
            assertArrayEquals(made, KeyFile.open(file));
        }
    }

    @Test
    void onlyItsOwnerCanReadIt() throws IOException {
        assumeTrue(posix());
        KeyFile.openOrCreate(file);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void aFileThatOthersCanReadIsRefused() throws IOException {
        assumeTrue(posix());
        KeyFile.openOrCreate(file);
        for (String open : List.of("rw-r-----", "rw----r--", "rw--w----")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(open));
            refused(
                    IOException.class,
                    "must be its owner's alone (rw-------), but has " + open + ": chmod 600 " + file,
                    () -> KeyFile.open(file));
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        assertEquals(32, KeyFile.open(file).length);
    }

    @Test
    void aFileOfAnotherLengthIsRefused() throws IOException {
        KeyFile.openOrCreate(file);
        byte[] sound = Files.readAllBytes(file);
        for (int length = 0; length < 64; length++) {
            requireRefused(Arrays.copyOf(sound, length));
        }
        requireRefused((new String(sound, StandardCharsets.US_ASCII) + "\n").getBytes(StandardCharsets.US_ASCII));
        requireRefused((" " + new String(sound, StandardCharsets.US_ASCII)).getBytes(StandardCharsets.US_ASCII));
        requireRefused("\n".getBytes(StandardCharsets.US_ASCII));
        requireRefused("\r\n".getBytes(StandardCharsets.US_ASCII));
        requireRefused(new byte[100_000]);
    }

    @Test
    void aByteThatIsNoDigitIsRefusedAndNamed() throws IOException {
        KeyFile.openOrCreate(file);
        byte[] sound = Files.readAllBytes(file);
        byte[] others = {0, ' ', 'g', 'G', '/', ':', '@', '\n', (byte) 0xb5, (byte) 0xff};
        for (int i = 0; i < 64; i++) {
            for (byte other : others) {
                byte[] damaged = sound.clone();
                damaged[i] = other;
                requireRefused(damaged);
            }
            byte[] damaged = sound.clone();
            damaged[i] = 'x';
            Files.write(file, damaged);
            refused(IOException.class, "character " + (i + 1) + " is none", () -> KeyFile.open(file));
        }
    }

    @Test
    void whatIsMissingIsSaid() {
        refused(IOException.class, "there is no key file " + file, () -> KeyFile.open(file));
        refused(
                IOException.class,
                "the directory of the key file ",
                () -> KeyFile.openOrCreate(temp.resolve("none").resolve("kek.hex")));
    }

    @Test
    void twoDoNotMakeOneKeyAtATime() throws IOException {
        try (WriterLock other = WriterLock.of(temp, file.getFileName() + ".lock", "the key file")) {
            assertTrue(other != null);
            Refusals.refused(IOException.class, "is open elsewhere", () -> KeyFile.openOrCreate(file));
        }
        assertFalse(Files.exists(file));
        KeyFile.openOrCreate(file);
    }
}
