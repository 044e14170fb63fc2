/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.app.cli.Ran;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchMemoryTest {

    @TempDir
    private Path folder;

    /** No heap of a test has room for two thousand million of anything. */
    @ParameterizedTest
    @ValueSource(strings = {"gpomdp", "actor-critic", "reinforce", "a2c", "ppo"})
    void aBatchBeyondMemoryIsRefusedNamingTheOptionBeforeAnythingIsWritten(String algorithm) {
        Path out = folder.resolve(algorithm);
        train(algorithm, out, "--batch", 2_000_000_000).refused("--batch");
        assertFalse(Files.exists(out));
    }

    /** A run ends after the first batch that reaches its steps. */
    @ParameterizedTest
    @ValueSource(strings = {"gpomdp", "actor-critic", "reinforce", "a2c", "ppo"})
    void aTrainingOfOneStepIsOneUpdate(String algorithm) throws Exception {
        Path out = folder.resolve(algorithm);
        train(algorithm, out, "--steps", 1, "--json").json();
        assertFalse(Files.readString(out.resolve("seed-1/metrics.csv")).isBlank());
    }

    private static Ran train(String algorithm, Path out, Object... more) {
        Object[] first = {"policy", "train", "--env", "Xor-v0", "--algo", algorithm, "--seeds", "1", "--out", out};
        return amend4j(first, more);
    }
}
