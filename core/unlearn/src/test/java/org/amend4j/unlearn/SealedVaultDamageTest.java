/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.amend4j.unlearn.Vaults.file;
import static org.amend4j.unlearn.Vaults.keep;
import static org.amend4j.unlearn.Vaults.open;
import static org.amend4j.unlearn.Vaults.requireTrue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to a file: it is refused in one sentence, and nothing else is lost. */
class SealedVaultDamageTest {
    private static final int DAMAGED = 2;

    @TempDir
    Path temp;

    private Path directory;
    private byte[] sound;
    private byte[] ring;

    @BeforeEach
    void makeTheVault() throws IOException {
        directory = temp.resolve("vault");
        try (SealedVault vault = open(directory)) {
            keep(vault, 1, DAMAGED, 3);
        }
        sound = Files.readAllBytes(file(directory, DAMAGED));
        ring = Files.readAllBytes(directory.resolve(SealedVault.RING));
    }

    /** Opens the vault with this instead of the checkpoint; it must be refused, and still be there. */
    private void requireRefused(byte[] content, String how) throws IOException {
        Files.write(file(directory, DAMAGED), content);
        try (SealedVault vault = open(directory)) {
            for (var reading : List.<org.junit.jupiter.api.function.Executable>of(
                    () -> vault.read(DAMAGED), () -> vault.sha256(DAMAGED))) {
                String sentence = Refusals.sentence(assertThrows(IOException.class, reading, how));
                assertTrue(sentence.contains(directory.toString()), sentence);
                assertFalse(sentence.contains("destroyed"), how + ": " + sentence);
            }
            requireTrue(vault, 1, 3);
        }
        assertArrayEquals(content, Files.readAllBytes(file(directory, DAMAGED)), how);
        assertArrayEquals(ring, Files.readAllBytes(directory.resolve(SealedVault.RING)), "no key is lost by damage");
    }

    private void requireSoundAgain() throws IOException {
        Files.write(file(directory, DAMAGED), sound);
        try (SealedVault vault = open(directory)) {
            requireTrue(vault, 1, DAMAGED, 3);
        }
    }

    @Test
    void aCheckpointWithABitChangedInAnyByteIsRefused() throws IOException {
        // Two or three bits of each byte, and all eight places in turn.
        for (int bit = 0; bit < 8 * sound.length; bit += 3) {
            byte[] damaged = sound.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            requireRefused(damaged, "bit " + bit);
        }
        requireSoundAgain();
    }

    @Test
    void aCheckpointCutOrExtendedAnywhereIsRefused() throws IOException {
        for (int length = 0; length < sound.length + 20; length++) {
            if (length != sound.length) {
                requireRefused(Arrays.copyOf(sound, length), length + " bytes");
            }
        }
        requireSoundAgain();
    }

    @Test
    void randomBytesAreRefused() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            byte[] garbage = new byte[random.nextInt(2 * sound.length)];
            random.nextBytes(garbage);
            requireRefused(garbage, "garbage " + i);
        }
        requireSoundAgain();
    }

    @Test
    void aDamagedCheckpointIsDestroyedAndReplacedLikeASoundOne() throws IOException {
        byte[] damaged = sound.clone();
        damaged[20] ^= 1; // the key's id
        requireRefused(damaged, "id");
        try (SealedVault vault = open(directory)) {
            assertEquals(2, vault.destroyFrom(DAMAGED).size());
            assertFalse(Files.exists(file(directory, DAMAGED)));
            Files.write(file(directory, DAMAGED), sound);
            Refusals.refused(IOException.class, "was destroyed", () -> vault.read(DAMAGED));
            keep(vault, DAMAGED);
            requireTrue(vault, 1, DAMAGED);
        }
    }

    /** A key that is destroyed brings no file back: a copy that was not complete could never train again. */
    @Test
    void aStartThatIsMissingOrAnothersIsRefusedAndCanBePutBack() throws IOException {
        Path folder = Files.createDirectory(directory.resolveSibling("withStart"));
        try (SealedVault vault = open(folder)) {
            for (int step : new int[] {0, 1, 2}) {
                keep(vault, step);
            }
        }
        byte[] start = Files.readAllBytes(file(folder, 0));
        byte[] ringBefore = Files.readAllBytes(folder.resolve(SealedVault.RING));
        Files.delete(file(folder, 0));
        Refusals.refused(IOException.class, "put it back", () -> open(folder));
        Path other = Files.createDirectory(directory.resolveSibling("other"));
        try (SealedVault vault = open(other)) {
            keep(vault, 0);
        }
        byte[] others = Files.readAllBytes(file(other, 0));
        Files.write(file(folder, 0), others);
        Refusals.refused(IOException.class, "put it back", () -> open(folder));
        assertArrayEquals(others, Files.readAllBytes(file(folder, 0)));
        assertArrayEquals(ringBefore, Files.readAllBytes(folder.resolve(SealedVault.RING)));
        Files.write(file(folder, 0), start);
        try (SealedVault vault = open(folder)) {
            requireTrue(vault, 0, 1, 2);
        }
    }

    /** It could not be removed when its step is destroyed, after the keys. */
    @Test
    void aFolderInACheckpointsPlaceIsRefusedBeforeAnythingIsDestroyed() throws IOException {
        Path place = file(directory, DAMAGED);
        Files.delete(place);
        Files.createDirectory(place);
        Path inside = Files.createFile(place.resolve("file"));
        Refusals.refused(IOException.class, place + " must be a file, and is a folder", () -> open(directory));
        assertArrayEquals(ring, Files.readAllBytes(directory.resolve(SealedVault.RING)));
        Files.delete(inside);
        Files.delete(place);
        requireSoundAgain();
    }

    @Test
    void aVaultWhoseRingIsDamagedIsRefusedAndLeftAsItIs() throws IOException {
        Random random = new Random(8);
        for (int i = 0; i < ring.length; i += 5) {
            byte[] damaged = ring.clone();
            damaged[i] ^= (byte) (1 << random.nextInt(8));
            requireRingRefused(damaged);
        }
        for (int length = 0; length < ring.length; length += 5) {
            requireRingRefused(Arrays.copyOf(ring, length));
        }
        Files.write(directory.resolve(SealedVault.RING), ring);
        requireSoundAgain();
    }

    private void requireRingRefused(byte[] content) throws IOException {
        Files.write(directory.resolve(SealedVault.RING), content);
        Refusals.refused(IOException.class, directory.resolve(SealedVault.RING) + " ", () -> open(directory));
        assertArrayEquals(content, Files.readAllBytes(directory.resolve(SealedVault.RING)));
    }
}
