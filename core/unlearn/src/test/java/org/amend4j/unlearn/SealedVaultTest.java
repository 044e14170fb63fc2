/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.amend4j.testkit.Refusals.refused;
import static org.amend4j.unlearn.Vaults.DIMENSION;
import static org.amend4j.unlearn.Vaults.RUN;
import static org.amend4j.unlearn.Vaults.file;
import static org.amend4j.unlearn.Vaults.keep;
import static org.amend4j.unlearn.Vaults.kek;
import static org.amend4j.unlearn.Vaults.open;
import static org.amend4j.unlearn.Vaults.requireTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.amend4j.keys.KeyFile;
import org.amend4j.keys.KeyRing;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that are destroyed by destroying their keys. */
class SealedVaultTest {

    @TempDir
    Path temp;

    private Path directory;

    @BeforeEach
    void name() {
        directory = temp.resolve("vault");
    }

    @Test
    void whatWasKeptIsThereAfterReopening() throws IOException {
        byte[] kek = KeyFile.openOrCreate(temp.resolve("kek.hex"));
        List<String> before = new ArrayList<>();
        try (SealedVault vault = SealedVault.open(directory, RUN, DIMENSION, kek)) {
            keep(vault, 0, 10, 20);
            for (int step : vault.steps()) {
                before.add(vault.keyId(step) + vault.sha256(step));
            }
        }
        kek = KeyFile.openOrCreate(temp.resolve("kek.hex"));
        try (SealedVault vault = SealedVault.open(directory, RUN, DIMENSION, kek)) {
            requireTrue(vault, 0, 10, 20);
            List<String> after = new ArrayList<>();
            for (int step : vault.steps()) {
                after.add(vault.keyId(step) + vault.sha256(step));
            }
            assertEquals(before, after);
        }
    }

    @Test
    void aDestroyedCheckpointStaysDestroyedWhenItsFileIsPutBack() throws IOException {
        byte[] copy;
        try (SealedVault vault = open(directory)) {
            keep(vault, 1, 2);
            copy = Files.readAllBytes(file(directory, 2));
            String keyId = vault.keyId(2);
            assertEquals(List.of(keyId), vault.destroyFrom(2));
            assertFalse(Files.exists(file(directory, 2)));
            Files.write(file(directory, 2), copy);
            String rule = "the checkpoint of step 2 in " + directory + " was destroyed: its key " + keyId + " is gone";
            refused(IOException.class, rule, () -> vault.read(2));
            refused(IOException.class, rule, () -> vault.sha256(2));
            refused(IOException.class, rule, () -> vault.keyId(2));
            assertEquals(Set.of(1), vault.steps());
        }
        try (SealedVault vault = open(directory)) {
            assertEquals(Set.of(1), vault.steps());
            assertFalse(Files.exists(file(directory, 2)), "a file without a key is removed");
            Files.write(file(directory, 2), copy);
            refused(IOException.class, "was destroyed", () -> vault.read(2));
            // Neither does a newer key of the step open it.
            keep(vault, 2);
            Files.write(file(directory, 2), copy);
            refused(IOException.class, "was destroyed", () -> vault.read(2));
        }
    }

    @Test
    void aReplacedCheckpointIsDestroyed() throws IOException {
        try (SealedVault vault = open(directory)) {
            keep(vault, 1);
            byte[] copy = Files.readAllBytes(file(directory, 1));
            keep(vault, 1);
            Files.write(file(directory, 1), copy);
            refused(IOException.class, "was destroyed", () -> vault.read(1));
        }
    }

    @Test
    void aKeyIsDestroyedEvenIfItsFileIsGone() throws IOException {
        Path hidden = temp.resolve("hidden");
        try (SealedVault vault = open(directory)) {
            keep(vault, 1, 2);
            String keyId = vault.keyId(2);
            Files.move(file(directory, 2), hidden);
            assertEquals(List.of(keyId), vault.destroyFrom(2));
            Files.move(hidden, file(directory, 2));
            refused(IOException.class, "was destroyed", () -> vault.read(2));
        }
    }

    @Test
    void aVaultOfAnotherRunDimensionOrKeyIsRefusedAndLeftAsItIs() throws IOException {
        try (SealedVault vault = open(directory)) {
            keep(vault, 1, 2);
        }
        String rule = "keys.ring holds the keys of 'checkpoints of 5 parameters, run ";
        refused(IOException.class, rule, () -> SealedVault.open(directory, "run-b", DIMENSION, kek(1)));
        refused(IOException.class, rule, () -> SealedVault.open(directory, RUN, DIMENSION + 1, kek(1)));
        refused(
                IOException.class,
                "keys.ring belongs to another key",
                () -> SealedVault.open(directory, RUN, DIMENSION, kek(2)));
        try (SealedVault vault = open(directory)) {
            requireTrue(vault, 1, 2);
        }
    }

    @Test
    void aVaultThatLostItsKeysIsRefusedAndKeepsItsFiles() throws IOException {
        try (SealedVault vault = open(directory)) {
            keep(vault, 1);
        }
        byte[] ring = Files.readAllBytes(directory.resolve(SealedVault.RING));
        Files.delete(directory.resolve(SealedVault.RING));
        refused(IOException.class, directory + " holds checkpoints but no keys.ring", () -> open(directory));
        Files.write(directory.resolve(SealedVault.RING), ring);
        try (SealedVault vault = open(directory)) {
            requireTrue(vault, 1);
        }
    }

    @Test
    void aFileUnderTheNameOfAnotherStepIsRefusedAndCanBePutRight() throws IOException {
        try (SealedVault vault = open(directory)) {
            keep(vault, 1, 2, 3);
        }
        swap(1, 2);
        try (SealedVault vault = open(directory)) {
            assertEquals(Set.of(3), vault.steps());
            refused(IOException.class, "holds the checkpoint of step 2", () -> vault.read(1));
            refused(IOException.class, "holds the checkpoint of step 1", () -> vault.read(2));
            requireTrue(vault, 3);
        }
        swap(1, 2);
        try (SealedVault vault = open(directory)) {
            requireTrue(vault, 1, 2, 3);
        }
    }

    private void swap(int one, int other) throws IOException {
        byte[] bytes = Files.readAllBytes(file(directory, one));
        Files.write(file(directory, one), Files.readAllBytes(file(directory, other)));
        Files.write(file(directory, other), bytes);
    }

    /** Headers can be forged by anybody, as their checksum needs no key. */
    @Test
    void aForgedHeaderDoesNotMoveACheckpointToAnotherStepOrKey() throws IOException {
        try (SealedVault vault = open(directory)) {
            keep(vault, 1, 2);
            byte[] two = Files.readAllBytes(file(directory, 2));
            SealedHeader header = headerOf(two);
            forge(1, two, new SealedHeader(1, header.keyId(), header.nonce()));
            refused(IOException.class, "is under the key of step 2", () -> vault.read(1));
            forge(1, two, new SealedHeader(1, idOfStep(1), header.nonce()));
            refused(IOException.class, "it does not authenticate", () -> vault.read(1));
            requireTrue(vault, 2);
        }
        try (SealedVault vault = open(directory)) {
            forge(1, Files.readAllBytes(file(directory, 2)), headerOf(Files.readAllBytes(file(directory, 2))));
            assertEquals(Set.of(1, 2), vault.steps());
            refused(IOException.class, "holds the checkpoint of step 2", () -> vault.read(1));
            requireTrue(vault, 2);
        }
    }

    private String idOfStep(int step) throws IOException {
        String line = Files.readAllLines(directory.resolve(SealedVault.RING)).stream()
                .filter(l -> l.matches("key [0-9a-f]{32} " + step + " .*"))
                .findFirst()
                .orElseThrow();
        return line.substring("key ".length(), "key ".length() + 32);
    }

    private static SealedHeader headerOf(byte[] file) throws IOException {
        return SealedHeader.parse(java.util.Arrays.copyOf(file, SealedHeader.BYTES), "a file");
    }

    private void forge(int step, byte[] file, SealedHeader header) throws IOException {
        byte[] forged = file.clone();
        System.arraycopy(header.bytes(), 0, forged, 0, SealedHeader.BYTES);
        Files.write(file(directory, step), forged);
    }

    @Test
    void aFileOfAnotherRunIsNoCheckpointOfThisOne() throws IOException {
        Path other = temp.resolve("other");
        try (SealedVault vault = open(directory);
                SealedVault others = SealedVault.open(other, "run-b", DIMENSION, kek(1))) {
            keep(vault, 1, 2);
            keep(others, 1);
            byte[] foreign = Files.readAllBytes(file(other, 1));
            Files.write(file(directory, 1), foreign);
            refused(IOException.class, "its key " + others.keyId(1) + " is gone", () -> vault.read(1));
            // Nor if it claims to be under a key of this run.
            forge(1, foreign, new SealedHeader(1, idOfStep(1), headerOf(foreign).nonce()));
            refused(IOException.class, "it does not authenticate", () -> vault.read(1));
            requireTrue(vault, 2);
        }
    }

    /** The same key, step and parameters: the fingerprint alone makes the difference. */
    @Test
    void theFingerprintOfTheRunIsPartOfWhatIsAuthenticated() throws IOException {
        Files.createDirectory(directory);
        byte[] key = kek(3);
        String keyId = "00".repeat(16);
        new SealedFiles(directory, "run-a", DIMENSION).write(1, keyId, key, Vaults.theta(1, DIMENSION));
        assertEquals(
                SealedFiles.parametersBegin() + DIMENSION * Double.BYTES,
                new SealedFiles(directory, "run-a", DIMENSION).read(1, keyId, key).length);
        refused(
                IOException.class,
                "it does not authenticate",
                () -> new SealedFiles(directory, "run-b", DIMENSION).read(1, keyId, key));
    }

    @Test
    void oneWriterAtATime() throws IOException {
        try (SealedVault vault = open(directory)) {
            keep(vault, 1);
            refused(IOException.class, "the vault in " + directory + " is open elsewhere", () -> open(directory));
            requireTrue(vault, 1);
        }
        open(directory).close();
    }

    @Test
    void aClosedVaultSaysSo() throws IOException {
        SealedVault vault = open(directory);
        keep(vault, 1);
        vault.close();
        String rule = "the vault in " + directory + " is closed";
        refused(IOException.class, rule, vault::steps);
        refused(IOException.class, rule, () -> vault.read(1));
        refused(IOException.class, rule, () -> keep(vault, 2));
        refused(IOException.class, rule, () -> vault.destroyFrom(0));
    }

    @Test
    void noParameterAndNoKeyIsInTheClear() throws IOException {
        double[] theta = Vaults.theta(1, DIMENSION);
        try (SealedVault vault = open(directory)) {
            vault.keep(1, theta);
        }
        String file = new String(Files.readAllBytes(file(directory, 1)), StandardCharsets.ISO_8859_1);
        for (double value : theta) {
            byte[] bytes = ByteBuffer.allocate(Double.BYTES).putDouble(value).array();
            assertFalse(file.contains(new String(bytes, StandardCharsets.ISO_8859_1)));
        }
    }

    @Test
    void noTwoFilesShareAKeyOrANonce() throws IOException {
        List<String> keys = new ArrayList<>();
        List<String> nonces = new ArrayList<>();
        try (SealedVault vault = open(directory)) {
            for (int i = 0; i < 10; i++) {
                keep(vault, i % 3);
                SealedHeader header = headerOf(Files.readAllBytes(file(directory, i % 3)));
                keys.add(header.keyId());
                nonces.add(new String(header.nonce(), StandardCharsets.ISO_8859_1));
            }
        }
        assertEquals(10, Set.copyOf(keys).size());
        assertEquals(10, Set.copyOf(nonces).size());
        assertEquals(1, Collections.frequency(keys, keys.get(0)));
    }

    @Test
    void openingRemovesKeysWithoutAFileAndWhatKilledWritersLeft() throws IOException {
        try (SealedVault vault = open(directory)) {
            keep(vault, 1, 2);
        }
        Path left = directory.resolve(".checkpoint-0000000002.sealed.1.tmp");
        Files.move(file(directory, 2), left);
        Path foreign = Files.writeString(directory.resolve("notes.txt"), "not ours");
        String orphan = idOfStep(2);
        try (SealedVault vault = open(directory)) {
            requireTrue(vault, 1);
        }
        assertFalse(Files.exists(left));
        assertTrue(Files.exists(foreign));
        assertFalse(Files.readString(directory.resolve(SealedVault.RING)).contains(orphan));
    }

    /** The limit that the class comment states. */
    @Test
    void onlyAnOldRingTogetherWithOldFilesBringsACheckpointBack() throws IOException {
        byte[] oldFile;
        byte[] oldRing;
        try (SealedVault vault = open(directory)) {
            keep(vault, 1);
            oldFile = Files.readAllBytes(file(directory, 1));
            oldRing = Files.readAllBytes(directory.resolve(SealedVault.RING));
            vault.destroyFrom(0);
        }
        Files.write(directory.resolve(SealedVault.RING), oldRing);
        Files.write(file(directory, 1), oldFile);
        refused(IOException.class, "belongs to another key", () -> SealedVault.open(directory, RUN, DIMENSION, kek(2)));
        try (SealedVault vault = open(directory)) {
            requireTrue(vault, 1);
        }
    }

    @Test
    void aRingWithKeysOfSomethingElseIsRefused() throws IOException {
        try (SealedVault vault = open(directory)) {
            keep(vault, 1);
        }
        String purpose =
                Files.readAllLines(directory.resolve(SealedVault.RING)).get(2).substring("for ".length());
        KeyRing.openOrCreate(directory.resolve(SealedVault.RING), purpose, kek(1))
                .create("subject");
        refused(IOException.class, "keys.ring holds a key of no step: subject", () -> open(directory));
        assertTrue(Files.exists(file(directory, 1)));
    }
}
