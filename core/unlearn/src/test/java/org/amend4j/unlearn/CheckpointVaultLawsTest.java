/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every vault promises. */
class CheckpointVaultLawsTest {
    private static final int DIMENSION = Vaults.DIMENSION;

    enum Kind {
        MEMORY,
        SEALED
    }

    @TempDir
    Path temp;

    private CheckpointVault vault(Kind kind, int dimension) throws IOException {
        return switch (kind) {
            case MEMORY -> new MemoryVault(dimension);
            case SEALED -> SealedVault.open(temp.resolve("vault-" + dimension), "run", dimension, Vaults.kek(1));
        };
    }

    @ParameterizedTest
    @EnumSource
    void everyBitComesBack(Kind kind) throws IOException {
        // Around the 2,047 parameters that fill the first piece that is encrypted, and the 2,048 of the next.
        for (int dimension : new int[] {1, 2, 11, 2_046, 2_047, 2_048, 4_095, 4_096, 50_003}) {
            double[] theta = Vaults.theta(5, dimension);
            try (CheckpointVault vault = vault(kind, dimension)) {
                vault.keep(5, theta);
                assertArrayEquals(Vaults.bits(theta), Vaults.bits(vault.read(5)), "dimension " + dimension);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theDigestIsThatOfTheStepAndTheBits(Kind kind) throws Exception {
        for (int dimension : new int[] {1, DIMENSION, 40_000}) {
            double[] theta = Vaults.theta(7, dimension);
            ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + dimension * Double.BYTES);
            bytes.putInt(7);
            for (double value : theta) {
                bytes.putLong(Double.doubleToRawLongBits(value));
            }
            String expected = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
            try (CheckpointVault vault = vault(kind, dimension)) {
                vault.keep(7, theta);
                assertEquals(expected, vault.sha256(7));
                vault.keep(8, theta);
                assertNotEquals(expected, vault.sha256(8), "the step belongs to it");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void arraysAreCopiedBothWays(Kind kind) throws IOException {
        try (CheckpointVault vault = vault(kind, DIMENSION)) {
            double[] theta = Vaults.theta(1, DIMENSION);
            vault.keep(1, theta);
            Arrays.fill(theta, 1);
            Arrays.fill(vault.read(1), 2);
            assertArrayEquals(Vaults.bits(Vaults.theta(1, DIMENSION)), Vaults.bits(vault.read(1)));
            vault.steps().clear();
            assertEquals(Set.of(1), vault.steps());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCheckpointReplacesTheOlderOneOfItsStepAndItsKey(Kind kind) throws IOException {
        try (CheckpointVault vault = vault(kind, DIMENSION)) {
            vault.keep(3, Vaults.theta(1, DIMENSION));
            vault.keep(4, Vaults.theta(4, DIMENSION));
            String older = vault.keyId(3);
            vault.keep(3, Vaults.theta(2, DIMENSION));
            assertNotEquals(older, vault.keyId(3));
            assertArrayEquals(Vaults.bits(Vaults.theta(2, DIMENSION)), Vaults.bits(vault.read(3)));
            assertArrayEquals(Vaults.bits(Vaults.theta(4, DIMENSION)), Vaults.bits(vault.read(4)));
            assertEquals(Set.of(3, 4), vault.steps());
        }
    }

    @ParameterizedTest
    @EnumSource
    void destructionTakesTheStepAndAllLaterOnes(Kind kind) throws IOException {
        try (CheckpointVault vault = vault(kind, DIMENSION)) {
            for (int step : new int[] {40, 0, 10, 30, 20, Integer.MAX_VALUE}) {
                vault.keep(step, Vaults.theta(step, DIMENSION));
            }
            List<String> doomed =
                    List.of(vault.keyId(20), vault.keyId(30), vault.keyId(40), vault.keyId(Integer.MAX_VALUE));
            assertEquals(doomed, vault.destroyFrom(11));
            assertEquals(new TreeSet<>(Set.of(0, 10)), vault.steps());
            for (int step : new int[] {20, 30, 40, Integer.MAX_VALUE}) {
                String rule = "no checkpoint of step " + step;
                refused(IOException.class, rule, () -> vault.read(step));
                refused(IOException.class, rule, () -> vault.sha256(step));
                refused(IOException.class, rule, () -> vault.keyId(step));
            }
            assertArrayEquals(Vaults.bits(Vaults.theta(10, DIMENSION)), Vaults.bits(vault.read(10)));
            assertEquals(List.of(), vault.destroyFrom(11), "nothing is left to destroy");
            vault.keep(20, Vaults.theta(21, DIMENSION));
            assertFalse(doomed.contains(vault.keyId(20)), "a key is never used again");
            assertArrayEquals(Vaults.bits(Vaults.theta(21, DIMENSION)), Vaults.bits(vault.read(20)));
            assertEquals(3, vault.destroyFrom(0).size());
            assertTrue(vault.steps().isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource
    void argumentsAreChecked(Kind kind) throws IOException {
        refused("the dimension of a vault must be ", () -> vault(kind, 0));
        try (CheckpointVault vault = vault(kind, DIMENSION)) {
            refused("must have 5 parameters, got 4", () -> vault.keep(1, new double[DIMENSION - 1]));
            refused("the step of a checkpoint must be >= 0, got -1", () -> vault.keep(-1, new double[DIMENSION]));
            refused("the step to destroy from must be >= 0, got -1", () -> vault.destroyFrom(-1));
            refused(IOException.class, "there is no checkpoint of step 9", () -> vault.read(9));
            assertTrue(vault.steps().isEmpty());
        }
    }
}
