/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.amend4j.unlearn.Vaults.DIMENSION;
import static org.amend4j.unlearn.Vaults.bits;
import static org.amend4j.unlearn.Vaults.file;
import static org.amend4j.unlearn.Vaults.keep;
import static org.amend4j.unlearn.Vaults.open;
import static org.amend4j.unlearn.Vaults.requireTrue;
import static org.amend4j.unlearn.Vaults.theta;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.testkit.FragileDisk;
import org.amend4j.testkit.FragileDisk.Spared;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vault on a disk that runs full, fails, or loses its power. */
class SealedVaultDiskTest {

    @TempDir
    Path temp;

    /** Seeds of what is durable, by step. */
    private final Map<Integer, Integer> durable = new TreeMap<>();
    /** Ids of keys whose destruction was reported, and the files they were for. */
    private final Set<String> destroyed = new HashSet<>();

    private final Map<Integer, byte[]> copies = new TreeMap<>();
    /** The step that is being kept, with its seed, or from which is being destroyed; -1 for none. */
    private int keeping = -1;

    private int keepingSeed = -1;
    private int destroyingFrom = Integer.MAX_VALUE;

    private Path real;

    @BeforeEach
    void makeTheDirectory() throws IOException {
        real = Files.createDirectory(temp.resolve("vault"));
    }

    /** Everything that is safe is there; nothing is there that was never kept or was destroyed. */
    private void requireTruth(Path directory) throws IOException {
        try (SealedVault vault = open(directory)) {
            for (Map.Entry<Integer, Integer> each : durable.entrySet()) {
                int step = each.getKey();
                assertTrue(vault.steps().contains(step) || step >= destroyingFrom, "step " + step + " was safe");
            }
            for (int step : vault.steps()) {
                long[] found = bits(vault.read(step));
                Integer seed = durable.get(step);
                boolean old = seed != null && Arrays.equals(found, bits(theta(seed, DIMENSION)));
                boolean fresh = step == keeping && Arrays.equals(found, bits(theta(keepingSeed, DIMENSION)));
                assertTrue(old || fresh, "step " + step + " is not what was kept");
                assertFalse(destroyed.contains(vault.keyId(step)));
            }
            String ring = Files.readString(directory.resolve(SealedVault.RING));
            assertEquals(
                    vault.steps().size(),
                    ring.lines().filter(l -> l.startsWith("key ")).count(),
                    "no orphan keys");
            for (String id : destroyed) {
                assertFalse(ring.contains(id), "a destroyed key is back");
            }
            requireDestroyedCopiesUnreadable(directory, vault);
        }
        assertTrue(Vaults.nothingHalfWrittenIn(directory));
    }

    private void requireDestroyedCopiesUnreadable(Path directory, SealedVault vault) throws IOException {
        for (Map.Entry<Integer, byte[]> copy : copies.entrySet()) {
            if (!durable.containsKey(copy.getKey()) && keeping != copy.getKey()) {
                Files.write(file(directory, copy.getKey()), copy.getValue());
                Refusals.refused(IOException.class, "was destroyed", () -> vault.read(copy.getKey()));
                Files.delete(file(directory, copy.getKey()));
            }
        }
    }

    private void keepDurably(SealedVault vault, int step, int seed) throws IOException {
        keeping = step;
        keepingSeed = seed;
        String older = vault.steps().contains(step) ? vault.keyId(step) : "none";
        vault.keep(step, theta(seed, DIMENSION));
        destroyed.add(older);
        durable.put(step, seed);
        keeping = -1;
        copies.put(step, Files.readAllBytes(file(real, step)));
    }

    private void destroyDurably(SealedVault vault, int from) throws IOException {
        destroyingFrom = from;
        destroyed.addAll(vault.destroyFrom(from));
        destroyingFrom = Integer.MAX_VALUE;
        durable.keySet().removeIf(step -> step >= from);
    }

    private void live(Path directory) throws IOException {
        try (SealedVault vault = open(directory)) {
            keepDurably(vault, 0, 100);
            keepDurably(vault, 10, 110);
            keepDurably(vault, 20, 120);
            keepDurably(vault, 10, 111);
            destroyDurably(vault, 10);
            keepDurably(vault, 10, 112);
        }
        try (SealedVault vault = open(directory)) {
            keepDurably(vault, 30, 130);
            destroyDurably(vault, 0);
            keepDurably(vault, 0, 101);
        }
    }

    @Test
    void aPowerFailureAtAnyMomentLosesNothingSafeAndBringsNothingDestroyedBack() throws IOException {
        FragileDisk disk = new FragileDisk(real);
        List<String> events = new ArrayList<>();
        disk.watch(event -> {
            events.add(event);
            for (Spared spared : Spared.values()) {
                Path left = temp.resolve("after-" + events.size() + "-" + spared);
                disk.afterPowerFailure(spared, left);
                try {
                    requireTruth(left);
                } catch (AssertionError | IOException e) {
                    throw new AssertionError(spared + " after " + events, e);
                }
            }
        });
        live(disk.root());
        // 7 times a ring and a file: created, written, forced, renamed, directory forced
        assertTrue(events.size() > 7 * 2 * 5, "the disk saw " + events);
        requireTruth(real);
    }

    @Test
    void keysAreDestroyedOnDiskBeforeAnyFileIsDeleted() throws IOException {
        FragileDisk disk = new FragileDisk(real);
        List<String> events = new ArrayList<>();
        try (SealedVault vault = open(disk.root())) {
            keep(vault, 1, 2, 3);
            disk.watch(events::add);
            vault.destroyFrom(2);
        }
        int firstDeletion = events.indexOf("delete checkpoint-0000000002.sealed");
        int renamed = events.indexOf("rename to " + SealedVault.RING);
        int forced = events.indexOf("force vault");
        assertTrue(0 <= renamed && renamed < forced && forced < firstDeletion, events.toString());
    }

    @Test
    void aFullDiskIsReportedAndWhatWasSafeStaysSafe() throws IOException {
        FragileDisk whole = new FragileDisk(real);
        live(whole.root());
        long needed = whole.written();
        for (long bytes = 0; bytes < needed; bytes += 311) {
            durable.clear();
            destroyed.clear();
            copies.clear();
            real = Files.createDirectory(temp.resolve("full-" + bytes));
            FragileDisk disk = new FragileDisk(real);
            disk.fullAfter(bytes);
            String sentence = Refusals.sentence(assertThrows(IOException.class, () -> live(disk.root())));
            assertTrue(sentence.contains("No space left on device"), sentence);
            assertTrue(Vaults.nothingHalfWrittenIn(real), "left behind at " + bytes);
            requireTruth(real);
            keeping = -1;
            destroyingFrom = Integer.MAX_VALUE;
        }
    }

    @Test
    void whatFailedOnAFullDiskWorksOnceThereIsRoom() throws IOException {
        FragileDisk disk = new FragileDisk(real);
        try (SealedVault vault = open(disk.root())) {
            keep(vault, 1, 2, 3);
            String old = vault.keyId(2);
            disk.fullAfter(700); // room for the ring, not for a checkpoint besides
            long before = disk.written();
            Refusals.refused(IOException.class, "No space left on device", () -> {
                for (int i = 0; i < 3; i++) {
                    keep(vault, 2);
                }
            });
            assertTrue(disk.written() > before);
            requireTrue(vault, 1, 2, 3);
            disk.fullAfter(0);
            Refusals.refused(IOException.class, "No space left on device", () -> vault.destroyFrom(2));
            requireTrue(vault, 1, 2, 3);
            disk.fullAfter(Long.MAX_VALUE);
            List<String> ids = vault.destroyFrom(2);
            assertTrue(ids.contains(old) && ids.size() >= 2, ids.toString());
            assertEquals(Set.of(1), vault.steps());
            keep(vault, 2);
            requireTrue(vault, 1, 2);
        }
        try (SealedVault vault = open(real)) {
            requireTrue(vault, 1, 2);
        }
    }

    @Test
    void nothingCountsAsDoneThatCouldNotBeForced() throws IOException {
        FragileDisk disk = new FragileDisk(real);
        try (SealedVault vault = open(disk.root())) {
            keep(vault, 1, 2);
            disk.failForces();
            Refusals.refused(IOException.class, "Input/output error", () -> keep(vault, 3));
            Refusals.refused(IOException.class, "Input/output error", () -> vault.destroyFrom(1));
            requireTrue(vault, 1, 2);
        }
        try (SealedVault vault = open(real)) {
            requireTrue(vault, 1, 2);
        }
    }
}
