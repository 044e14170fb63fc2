/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class DeviceOptionTest {

    @TempDir
    private Path folder;

    private static Stream<CommandLine> leaves(CommandLine line) {
        return line.getSubcommands().isEmpty()
                ? Stream.of(line)
                : line.getSubcommands().values().stream().flatMap(DeviceOptionTest::leaves);
    }

    @Test
    void everyCommandThatComputesTakesADevice() {
        List<CommandLine> all = leaves(Amend4j.line())
                .filter(command -> !(command.getCommand() instanceof CompletionCommand))
                .toList();
        assertTrue(all.size() >= 20, "the tree was walked");
        for (CommandLine command : all) {
            String name = command.getCommandSpec().qualifiedName();
            assertNotNull(command.getCommandSpec().findOption("--device"), name);
            assertTrue(command.getCommand() instanceof ReportingCommand, name + " refuses by itself what it cannot do");
        }
    }

    private String refusal(String command, String device) {
        List<String> words = new ArrayList<>();
        for (String word : command.split(" ", -1)) {
            words.add(word.replace("FOLDER", folder.resolve("out").toString()));
        }
        words.add("--device=" + device);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Amend4j.run(new PrintWriter(out), new PrintWriter(err), words.toArray(String[]::new));
        assertEquals(2, code, err.toString());
        assertEquals("", out.toString());
        assertEquals(1, err.toString().lines().count(), err.toString());
        return err.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "doctor",
                "package-job --output FOLDER",
                "lora info FOLDER",
                "lora merge --model FOLDER --adapter FOLDER --out FOLDER",
                "policy demo --out FOLDER",
                "policy eval FOLDER",
                "policy report FOLDER",
                "policy train --env CartPole-v1 --algo ppo --out FOLDER",
                "unlearn demo --out FOLDER",
                "unlearn verify FOLDER"
            })
    void whatHasNoUseForADeviceSaysWhyBeforeItReadsOrWritesAnything(String command) throws IOException {
        for (String device : List.of("cuda", "emulated")) {
            String sentence = refusal(command, device);
            assertTrue(sentence.startsWith("--device must be auto or cpu for 'amend4j "), sentence);
            assertTrue(sentence.contains("got " + device + ": "), sentence);
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(0, left.count(), "nothing was written");
        }
    }

    @Test
    void aDeviceThatDoesNotExistIsRefusedWithThoseThatDo() {
        StringWriter err = new StringWriter();
        int code = Amend4j.run(new PrintWriter(new StringWriter()), new PrintWriter(err), "doctor", "--device", "tpu");
        assertEquals(2, code);
        assertTrue(
                err.toString().contains("expected auto, cpu, cuda, cuda:N (N from 0) or emulated, got 'tpu'"),
                err.toString());
    }

    @Test
    void theCpuIsTakenByEveryName() {
        for (String device : List.of("auto", "cpu", "CPU")) {
            StringWriter out = new StringWriter();
            PrintWriter nowhere = new PrintWriter(new StringWriter());
            assertEquals(0, Amend4j.run(new PrintWriter(out), nowhere, "doctor", "--device", device));
        }
    }
}
