/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The Python that has the libraries of {@code .ci/peers.txt}, whose releases are pinned there: Hugging Face's, and Gymnasium. */
public final class Peers {

    private static final String VARIABLE = "AMEND4J_PEERS";
    private static final long PATIENCE_MINUTES = 10;

    static final String MISSING = "the variable " + VARIABLE
            + " must name a Python with the packages of .ci/peers.txt, as" + " .ci/run does (CONTRIBUTING.md)";

    private Peers() {}

    static boolean areThere() {
        return !path().isEmpty();
    }

    private static String path() {
        return Objects.requireNonNullElse(System.getenv(VARIABLE), "");
    }

    /** Its path, for tests with {@link NeedsPeers}. */
    public static String python() {
        assertTrue(Files.isExecutable(Path.of(path())), MISSING + ", got '" + path() + "'");
        return path();
    }

    /**
     * Runs a script to its end, which asks no network and reads no settings of the user's.
     *
     * @param test where the script is a resource
     * @param folder where it runs; its files go there
     */
    public static void run(Class<?> test, String script, Path folder, String... arguments)
            throws IOException, InterruptedException {
        Path copy = folder.resolve(script);
        try (InputStream text = Objects.requireNonNull(test.getResourceAsStream(script), script)) {
            Files.copy(text, copy, StandardCopyOption.REPLACE_EXISTING);
        }
        Path said = folder.resolve(script + ".log");
        List<String> command = new ArrayList<>(List.of(python(), "-I", copy.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().put("HF_HOME", folder.resolve("hub").toString());
        builder.environment().put("HF_HUB_OFFLINE", "1");
        builder.environment().put("TOKENIZERS_PARALLELISM", "false");
        builder.environment().put("OMP_NUM_THREADS", "1");
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES), script + " does not end");
        } finally {
            process.destroyForcibly();
        }
        assertEquals(0, process.exitValue(), () -> text(said));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }
}
