/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.cuda.KernelSources;
import org.amend4j.cuda.emulated.EmulatedDevice;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first look at a card, card.py, where there is none: its expectations meet the kernels on this processor. */
class CardLookTest {

    private static final Path LOOK = Path.of("card.py").toAbsolutePath();
    private static final Path RESOURCES = Path.of("src/main/resources/org/amend4j/cuda");

    @TempDir
    private Path folder;

    private record Ran(int code, String text) {}

    @BeforeAll
    static void needsPython() throws InterruptedException {
        String sentence = "The first look at a card needs python3 with numpy on the PATH.";
        try {
            assumeTrue(ran("python3", "-c", "import numpy").code() == 0, sentence);
        } catch (IOException noPython) {
            abort(sentence);
        }
        assumeTrue(EmulatedDevice.compiler().isPresent(), "Kernels are launched on this processor by a C++ compiler.");
    }

    private static Ran ran(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), text);
    }

    private Ran look(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", LOOK.toString()));
        command.addAll(List.of(options));
        return ran(command.toArray(String[]::new));
    }

    /** The sources, and the emulation beside them. */
    private Path copies() throws IOException {
        Path copies = Files.createDirectories(folder.resolve("kernels"));
        try (Stream<Path> files = Files.list(RESOURCES.resolve("kernels"))) {
            for (Path file : files.toList()) {
                Files.copy(file, copies.resolve(file.getFileName()));
            }
        }
        Files.copy(RESOURCES.resolve("emulated/emulation.h"), copies.resolve("emulation.h"));
        return copies;
    }

    @Test
    void everySourceIsLaunchedAndMeetsItsNumpyReference() throws IOException, InterruptedException {
        Path json = folder.resolve("look.json");
        Ran ran = look("--dry-run", "--quick", "--json", json.toString());
        assertEquals(0, ran.code(), ran.text());
        String written = Files.readString(json);
        assertTrue(written.contains("\"complete\": true"), written);
        for (String source : KernelSources.names()) {
            assertTrue(written.contains("\"source\": \"" + source + "\""), source);
        }
    }

    /** A formula changed a little in three sources, and a source that nobody launches. */
    @Test
    void aWrongFormulaAndASourceThatIsNotLaunchedAreNoticed() throws IOException, InterruptedException {
        Path copies = copies();
        replace(copies.resolve("optimizer.cu"), "sqrtf(v) + epsilon", "sqrtf(v + epsilon) * 1.0001f");
        replace(copies.resolve("loss.cu"), "p * mass - t[c]", "p * mass - 0.999f * t[c]");
        replace(copies.resolve("pooling.cu"), "value > most", "value >= most + 0.25f");
        Files.writeString(
                copies.resolve("new.cu"), "extern \"C\" __global__ void fresh(float *out) { out[0] = 1.0f; }\n");
        Path json = folder.resolve("look.json");
        Ran ran = look("--dry-run", "--quick", "--kernels", copies.toString(), "--json", json.toString());
        assertEquals(1, ran.code(), ran.text());
        for (String fault :
                List.of("optimizer.cu, adam is off", "loss.cu, softmax_cross_entropy is off", "no kernel of new.cu")) {
            assertTrue(ran.text().contains("FAILED: " + fault), fault + " in\n" + ran.text());
        }
        assertTrue(ran.text().contains("pooling.cu, max_pool is off"), ran.text());
        assertTrue(Files.readString(json).contains("optimizer.cu, adam is off"));
    }

    private static void replace(Path file, String right, String wrong) throws IOException {
        String text = Files.readString(file);
        assertTrue(text.contains(right), file + " has no " + right);
        Files.writeString(file, text.replace(right, wrong));
    }

    @Test
    void aMachineWithoutACardIsToldSoInOneSentence() throws IOException, InterruptedException {
        assumeTrue(Files.notExists(Path.of("/proc/driver/nvidia/version")), "There is a card.");
        Ran ran = look();
        assertEquals(2, ran.code(), ran.text());
        assertTrue(ran.text().startsWith("FAILED: No look at a card: there is no lib"), ran.text());
        assertEquals(1, ran.text().lines().count(), ran.text());
    }
}
