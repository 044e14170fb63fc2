/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amend4j.cuda.standin.Nd4jStandIn;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Deeplearning4j's {@code fit} of an adapted network on ND4J's own CUDA backend, which runs on stand-ins, against the same on the
 * CPU: each in a process of its own, since a process has one backend, and since how it ends matters, too.
 */
@EnabledIfSystemProperty(named = "amend4j.device", matches = "nd4j-stand-in")
class Nd4jBackendFitTest {

    private static final int STEPS = 5;
    /**
     * Numbers are below 2, and none goes through more than 100 operations a step, each of which rounds by half a unit of 2^-24 at
     * most.
     */
    private static final double TOLERANCE = Math.scalb(STEPS * 100 * 2 * 0.5, -24);

    @TempDir
    Path folder;

    private record Run(int exitCode, String text, String backend, List<Double> numbers) {

        boolean agreesWith(Run other) {
            boolean agrees = numbers.size() == other.numbers.size();
            for (int i = 0; agrees && i < numbers.size(); i++) {
                agrees = Math.abs(numbers.get(i) - other.numbers.get(i)) <= TOLERANCE;
            }
            return agrees;
        }
    }

    @BeforeAll
    static void build() {
        Nd4jStandIn.build();
    }

    @Test
    void fitComputesTheSameAsOnTheCpuAndEndsInPeace() throws IOException, InterruptedException {
        Run cpu = run(STEPS, List.of(), Map.of());
        assertEquals("CpuBackend, kernels false", cpu.backend(), cpu.text());
        Run card = run(STEPS, onStandIns(), Map.of());
        assertEquals(0, card.exitCode(), card.text());
        assertEquals("JCublasBackend, kernels true", card.backend(), card.text());
        assertEquals(List.of(), Nd4jStandIn.complaints());
        assertTrue(card.agreesWith(cpu), card.numbers() + "\n" + cpu.numbers());
        assertFalse(card.agreesWith(run(STEPS + 1, List.of(), Map.of())), "a step more would be noticed");
    }

    @Test
    void bothOfOurKernelsTakePart() throws IOException, InterruptedException {
        run(STEPS, onStandIns(), Map.of());
        List<String> ended = Nd4jStandIn.ended();
        assertTrue(ended.stream().anyMatch(line -> line.matches("kernel \\d+ adapter_sum")), ended.toString());
        assertTrue(ended.contains("kernel " + STEPS + " rectifier_gradient"), ended.toString());
    }

    /** The twin of all that is said about order: where waiting for a stream does nothing, no number is right. */
    @Test
    void withoutWaitingTheResultsAreWrong() throws IOException, InterruptedException {
        Run cpu = run(STEPS, List.of(), Map.of());
        Run deaf = run(STEPS, onStandIns(), Map.of("AMEND4J_STANDIN_DEAF", "1"));
        assertFalse(deaf.agreesWith(cpu), deaf.numbers().toString());
    }

    private static List<String> onStandIns() {
        return List.of("-Damend4j.device=nd4j-stand-in");
    }

    private Run run(int steps, List<String> options, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path file = folder.resolve("numbers");
        Files.deleteIfExists(file);
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g"));
        command.addAll(options);
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                AdaptedFit.class.getName(),
                file.toString(),
                Integer.toString(steps)));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return read(file, process.waitFor(), text);
    }

    private static Run read(Path file, int exitCode, String text) throws IOException {
        if (!Files.exists(file)) {
            return new Run(exitCode, text, "no result", List.of());
        }
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            String backend = in.readUTF();
            List<Double> numbers = new ArrayList<>();
            while (in.available() > 0) {
                numbers.add(in.readDouble());
            }
            return new Run(exitCode, text, backend, numbers);
        }
    }
}
