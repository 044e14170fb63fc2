/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.cuda.standin.StandIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A driver without a function that amend4j calls: a call of it ends a process, and must not end this one. */
@EnabledIfSystemProperty(named = "amend4j.device", matches = "stand-in")
class MissingFunctionTest {

    private static final String LACKING = "cuGraphLaunch";

    private record Ended(int exitCode, String text) {}

    @Test
    @Tag("exhaustive")
    void theProbeAndTheChoiceOfADeviceSurviveIt() throws IOException, InterruptedException {
        Ended ended = probe(List.of());
        assertEquals(0, ended.exitCode(), ended.text());
        String sentence = "CUDA is not usable: it ends the process that uses it (the libraries do not match: none has "
                + LACKING + ").";
        assertTrue(ended.text().contains("way CPU\n"), ended.text());
        assertTrue(ended.text().contains("missing " + sentence + "\n"), ended.text());
        assertTrue(ended.text().contains("auto The CPU. " + sentence + "\n"), ended.text());
        assertTrue(ended.text().contains("cuda " + sentence + "\n"), ended.text());
    }

    /** The twin: where nothing is tried before. */
    @Test
    @Tag("exhaustive")
    void withoutTheTrialItEndsTheProcess() throws IOException, InterruptedException {
        Ended ended = probe(List.of("-D" + TrialProcess.IS_TRIAL + "=true"));
        assertNotEquals(0, ended.exitCode(), ended.text());
        assertTrue(ended.text().contains("undefined symbol: " + LACKING), ended.text());
    }

    private static Ended probe(List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
        command.addAll(options);
        command.addAll(List.of(
                "-D" + StandIn.WITHOUT + "=" + LACKING,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ProbeMain.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), text);
    }
}
