/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.keys;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyRingTest {
    private static final String PURPOSE = "a test of key rings";
    private static final byte[] KEK = kek(1);

    @TempDir
    Path temp;

    private Path file;

    private static byte[] kek(int seed) {
        byte[] kek = new byte[32];
        new Random(seed).nextBytes(kek);
        return kek;
    }

    @BeforeEach
    void name() {
        file = temp.resolve("keys.ring");
    }

    private KeyRing open() throws IOException {
        return KeyRing.openOrCreate(file, PURPOSE, KEK);
    }

    private String text() throws IOException {
        return Files.readString(file, StandardCharsets.US_ASCII);
    }

    @Test
    void keysAreThereFromTheirCreationToTheirEnd() throws IOException {
        KeyRing ring = open();
        String first = ring.create("step-1");
        String second = ring.create("step-2");
        String third = ring.create("step-2");
        byte[] key = ring.get(second);
        assertEquals(32, key.length);
        ring.destroy(List.of(first, "no such key"));
        for (KeyRing each : List.of(ring, open())) {
            assertEquals(List.of(second, third), List.copyOf(each.ids()));
            assertEquals("step-2", each.label(second));
            assertArrayEquals(key, each.get(second));
            assertFalse(each.contains(first));
            refused(IOException.class, file + " has no key " + first, () -> each.get(first));
            refused(IOException.class, file + " has no key " + first, () -> each.label(first));
        }
    }

    @Test
    void everyKeyIsAnother() throws IOException {
        KeyRing ring = open();
        Set<String> keys = new java.util.HashSet<>();
        for (int i = 0; i < 20; i++) {
            keys.add(HexFormat.of().formatHex(ring.get(ring.create("same"))));
        }
        assertEquals(20, keys.size());
        assertEquals(20, ring.ids().size());
    }

    @Test
    void theFileTellsNoKeyAndForgetsWhatWasDestroyed() throws IOException {
        KeyRing ring = open();
        String gone = ring.create("gone");
        String stays = ring.create("stays");
        String line = text().lines().filter(l -> l.contains(gone)).findFirst().orElseThrow();
        String wrapped = line.substring(line.lastIndexOf(' ') + 1);
        for (String id : ring.ids()) {
            assertFalse(text().contains(HexFormat.of().formatHex(ring.get(id))));
        }
        assertFalse(text().contains(HexFormat.of().formatHex(KEK)));
        ring.destroy(List.of(gone));
        assertFalse(text().contains(gone));
        assertFalse(text().contains(wrapped));
        assertTrue(text().contains(stays));
    }

    /** What the class comment warns of. */
    @Test
    void anOldCopyOfTheFileGivesItsKeysBackButOnlyToTheKeyEncryptionKey() throws IOException {
        KeyRing ring = open();
        String id = ring.create("step");
        byte[] key = ring.get(id);
        byte[] copy = Files.readAllBytes(file);
        ring.destroy(List.of(id));
        Files.write(file, copy);
        assertArrayEquals(key, open().get(id));
        refused(IOException.class, "belongs to another key", () -> KeyRing.openOrCreate(file, PURPOSE, kek(2)));
    }

    @Test
    void anotherKeyOrPurposeIsRefused() throws IOException {
        open().create("step");
        byte[] sound = Files.readAllBytes(file);
        refused(IOException.class, file + " belongs to another key", () -> KeyRing.openOrCreate(file, PURPOSE, kek(2)));
        refused(
                IOException.class,
                file + " holds the keys of '" + PURPOSE + "', not of 'another'",
                () -> KeyRing.openOrCreate(file, "another", KEK));
        assertArrayEquals(sound, Files.readAllBytes(file));
    }

    @Test
    void argumentsAreChecked() throws IOException {
        refused(
                "a key-encryption key must have 32 bytes, got 31",
                () -> KeyRing.openOrCreate(file, PURPOSE, new byte[31]));
        refused("printable ASCII", () -> KeyRing.openOrCreate(file, "two\nlines", KEK));
        refused("printable ASCII", () -> KeyRing.openOrCreate(file, "", KEK));
        KeyRing ring = open();
        for (String label : List.of("", "two words", "line\n", "ä", "x".repeat(201))) {
            refused("the label of a key", () -> ring.create(label));
        }
        assertEquals(Set.of(), open().ids());
    }

    @Test
    void onlyItsOwnerCanReadIt() throws IOException {
        assumeTrue(file.getFileSystem().supportedFileAttributeViews().contains("posix"));
        open().create("step");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void aChangedBitInAnyByteIsRefused() throws IOException {
        KeyRing ring = open();
        ring.create("step-1");
        ring.create("step-2");
        byte[] sound = Files.readAllBytes(file);
        Random random = new Random(2);
        for (int i = 0; i < sound.length; i++) {
            byte[] damaged = sound.clone();
            damaged[i] ^= (byte) (1 << random.nextInt(8));
            requireRefused(damaged);
        }
    }

    @Test
    void aFileCutOrExtendedAnywhereIsRefused() throws IOException {
        KeyRing ring = open();
        ring.create("step-1");
        ring.create("step-2");
        byte[] sound = Files.readAllBytes(file);
        for (int length = 0; length < sound.length; length++) {
            requireRefused(Arrays.copyOf(sound, length));
        }
        requireRefused(Arrays.copyOf(sound, sound.length + 1));
        byte[] twice = Arrays.copyOf(sound, 2 * sound.length);
        System.arraycopy(sound, 0, twice, sound.length, sound.length);
        requireRefused(twice);
    }

    @Test
    void linesThatWereLeftOutOrReorderedAreRefused() throws IOException {
        KeyRing ring = open();
        for (int i = 0; i < 4; i++) {
            ring.create("step-" + i);
        }
        List<String> lines = text().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            List<String> fewer = new ArrayList<>(lines);
            fewer.remove(i);
            requireRefused(fewer);
            if (i > 0) {
                List<String> swapped = new ArrayList<>(lines);
                Collections.swap(swapped, i - 1, i);
                requireRefused(swapped);
            }
        }
    }

    @Test
    void randomBytesAndHugeFilesAreRefused() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            byte[] garbage = new byte[random.nextInt(400)];
            random.nextBytes(garbage);
            requireRefused(garbage);
        }
        try (RandomAccessFile huge = new RandomAccessFile(file.toFile(), "rw")) {
            huge.setLength(1L << 33);
        }
        refused(IOException.class, "is not a key ring: it has 8589934592 bytes", this::open);
    }

    private void requireRefused(List<String> lines) throws IOException {
        requireRefused((String.join("\n", lines) + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private void requireRefused(byte[] content) throws IOException {
        Files.write(file, content);
        String sentence = Refusals.sentence(assertThrows(IOException.class, this::open));
        assertTrue(sentence.startsWith(file + " "), sentence);
        assertArrayEquals(content, Files.readAllBytes(file), "a refused file is left as it is");
    }

    /** Even with a code that agrees, as only who has the key-encryption key can make. */
    @Test
    void aKeyIsReadUnderItsOwnIdLabelAndPurposeOnly() throws IOException {
        KeyRing ring = open();
        String first = ring.create("step-1");
        String second = ring.create("step-2");
        KeyWrap kek = new KeyWrap(KEK, new SecureRandom());
        Map<String, WrappedKey> keys = new KeyRingText(PURPOSE, kek).read(file);
        WrappedKey key = keys.getOrDefault(first, new WrappedKey("", ""));

        Map<String, WrappedKey> exchanged = new LinkedHashMap<>(keys);
        exchanged.put(second, key);
        requireUnreadable(PURPOSE, kek, exchanged, second);
        Map<String, WrappedKey> relabelled = new LinkedHashMap<>(keys);
        relabelled.put(first, new WrappedKey("step-3", key.wrapped()));
        requireUnreadable(PURPOSE, kek, relabelled, first);
        requireUnreadable("another", kek, keys, first);

        Files.write(file, new KeyRingText(PURPOSE, kek).bytes(keys));
        assertArrayEquals(ring.get(first), open().get(first));
    }

    private void requireUnreadable(String purpose, KeyWrap kek, Map<String, WrappedKey> keys, String id)
            throws IOException {
        Files.write(file, new KeyRingText(purpose, kek).bytes(keys));
        KeyRing ring = KeyRing.openOrCreate(file, purpose, KEK);
        refused(IOException.class, file + " is damaged: key " + id + " does not authenticate", () -> ring.get(id));
    }

    @Test
    void linesOfALaterReleaseAreRefusedByTheirNumber() throws IOException {
        open().create("step");
        KeyWrap kek = new KeyWrap(KEK, new SecureRandom());
        String body = text();
        body = body.substring(0, body.indexOf("mac ")) + "note something new\n";
        Files.writeString(file, body + "mac " + kek.mac(body.getBytes(StandardCharsets.US_ASCII)) + "\n");
        refused(IOException.class, "has a line that this release cannot read: line 5", this::open);
    }

    @Test
    void whatAKilledWriterLeftIsRemoved() throws IOException {
        KeyRing ring = open();
        String id = ring.create("step");
        Path left = temp.resolve(".keys.ring.3b241101-e2bb-4255-8caf-4136c566a962.tmp");
        Files.copy(file, left);
        Path foreign = Files.writeString(temp.resolve(".other.ring.1.tmp"), "not ours");
        assertTrue(open().contains(id));
        assertFalse(Files.exists(left));
        Files.copy(file, left);
        ring.destroy(List.of(id));
        assertFalse(Files.exists(left));
        assertTrue(Files.exists(foreign));
    }
}
