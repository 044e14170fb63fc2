/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Processes that must end well. */
final class Commands {

    private Commands() {}

    /** The Maven that runs these tests; without one, the test is skipped. */
    static Path maven() {
        Path maven = Path.of(System.getProperty("amend4j.maven", "")).resolve("bin/mvn");
        assumeTrue(Files.isExecutable(maven), "started without Maven");
        return maven;
    }

    /** What a process writes to its output and its errors, in one. */
    static String run(Path directory, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "output", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        // A JVM that reads options from here says so on standard error.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "MAVEN_OPTS", "MAVEN_ARGS"));
        // it is done before a better compiler would pay
        builder.environment().put("MAVEN_OPTS", "-XX:+UseSerialGC");
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), () -> command + " takes longer than five minutes");
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(output);
        assertEquals(0, process.exitValue(), text);
        return text;
    }
}
