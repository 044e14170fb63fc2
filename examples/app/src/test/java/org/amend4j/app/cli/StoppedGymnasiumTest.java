/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A training on environments in Python, with evaluations in other ones, is stopped from outside. */
class StoppedGymnasiumTest {

    /** Where tests run in the background of a shell, Ctrl-C is ignored, and so it is by every process they start. */
    private static final String HEARING = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
            + " os.execv(sys.argv[1], sys.argv[1:])";

    @TempDir
    private Path folder;

    private Process started(String python) throws IOException {
        List<String> command = new ArrayList<>(List.of("python3", "-c", HEARING));
        Object[] words = {
            "policy",
            "train",
            "--env",
            "gymnasium:Line-v0",
            "--python",
            python,
            "--algo",
            "a2c",
            "--steps",
            Integer.MAX_VALUE,
            "--hidden",
            4,
            "--eval-every",
            1_000,
            "--out",
            folder.resolve("run")
        };
        command.addAll(Started.command(words));
        return new ProcessBuilder(command)
                .redirectError(folder.resolve("err").toFile())
                .redirectOutput(folder.resolve("said").toFile())
                .start();
    }

    private static void waitUntilEnded(ProcessHandle process) throws Exception {
        process.onExit().get(30, TimeUnit.SECONDS);
    }

    /** Ctrl-C in a terminal is for all processes, SIGTERM for the one that was started. */
    @ParameterizedTest
    @OneIn(2)
    @CsvSource({"INT, 130", "TERM, 143"})
    void noPythonOutlivesItTheCheckpointIsKeptAndTheExitCodeTellsTheSignal(String signal, int code) throws Exception {
        Process process = started(EnvironmentSourcesTest.python());
        Path seed = folder.resolve("run/seed-1");
        Path evaluations = seed.resolve("evaluations.csv");
        while (process.isAlive() && (!Files.exists(evaluations) || Files.size(evaluations) < 100)) {
            Thread.sleep(20);
        }
        assertTrue(process.isAlive(), Files.readString(folder.resolve("err")));
        List<ProcessHandle> pythons = process.descendants().toList();
        assertEquals(2, pythons.size(), "one for training, one for evaluations");

        List<String> kill = new ArrayList<>(List.of("kill", "-" + signal, Long.toString(process.pid())));
        if (signal.equals("INT")) {
            pythons.forEach(python -> kill.add(Long.toString(python.pid())));
        }
        assertEquals(0, new ProcessBuilder(kill).start().waitFor());
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        String err = Files.readString(folder.resolve("err"));
        assertEquals(code, process.exitValue(), err);
        for (ProcessHandle python : pythons) {
            waitUntilEnded(python);
        }
        assertTrue(err.contains("amend4j: interrupted."), err);
        assertTrue(err.contains("the same command and --resume"), err);
        assertFalse(err.contains("Traceback"), err);
        assertEquals("", Files.readString(folder.resolve("said")));
        try (Stream<Path> files = Files.walk(seed)) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).toList();
            assertTrue(names.contains("checkpoint.safetensors"), names.toString());
            assertTrue(names.stream().noneMatch(name -> name.startsWith(".")), names.toString());
        }
        assertFalse(Files.exists(folder.resolve(".run.lock")));
    }
}
