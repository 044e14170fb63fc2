/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that may open few files fails wherever the limit is reached, and says that it failed. */
class FewFilesTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {64, 96, 112})
    @OneIn(3)
    void whatFailsWhereNobodyInterruptedSaysWhyInOneSentence(int files) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + files + "; exec \"$@\"", "sh"));
        command.addAll(Started.command(
                "policy", "train", "--env", "Xor-v0", "--algo", "ppo", "--steps", 100, "--out", folder.resolve("run")));
        Process process = new ProcessBuilder(command)
                .redirectError(folder.resolve("err").toFile())
                .redirectOutput(folder.resolve("said").toFile())
                .start();
        int code = process.waitFor();
        String err = Files.readString(folder.resolve("err"));
        assertFalse(err.contains("interrupted") || err.contains("\tat "), err);
        String last = err.lines().reduce("", (before, line) -> line);
        assertTrue(code == 0 || last.contains("amend4j failed"), err);
    }
}
