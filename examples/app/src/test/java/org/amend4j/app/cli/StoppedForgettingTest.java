/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.amend4j.app.forget.SmallForgetful;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that can forget is stopped from outside. */
class StoppedForgettingTest {

    @TempDir
    private Path folder;

    @Test
    @Tag("exhaustive")
    void aTrainingThatIsTerminatedSaysHowToGoOn() throws Exception {
        Path out = folder.resolve("forgetful");
        Object[] words = SmallForgetful.in(folder).training(out);
        for (int k = 0; k < words.length; k++) {
            words[k] = words[k].equals("24") ? "1000000" : words[k];
            words[k] = words[k].equals("every:3") ? "every:100000" : words[k];
        }
        Process process = Started.amend4j(folder, words);
        while (process.isAlive() && !Files.exists(out)) {
            Thread.sleep(20);
        }
        assertTrue(process.isAlive(), Files.readString(folder.resolve("err")));
        process.destroy();
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertEquals(143, process.exitValue());
        String err = Files.readString(folder.resolve("err"));
        assertTrue(err.contains("amend4j: interrupted."), err);
        assertTrue(err.contains(out + ": continue with the same command"), err);
    }
}
