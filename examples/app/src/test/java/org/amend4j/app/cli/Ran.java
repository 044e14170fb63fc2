/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** What a command line run in this process ended with and said. */
public record Ran(int code, String out, String err) {

    public static Ran amend4j(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = Stream.of(args).map(Object::toString).toArray(String[]::new);
        int code = Amend4j.run(new PrintWriter(out), new PrintWriter(err), words);
        return new Ran(code, out.toString(), err.toString());
    }

    public static Ran amend4j(Object[] first, Object... more) {
        return amend4j(Stream.concat(Stream.of(first), Stream.of(more)).toArray());
    }

    /**
     * A command line.
     *
     * @param usual options and their values
     * @param more options, which replace usual ones of the same name
     */
    static Object[] words(List<Object> command, Map<String, Object> usual, Object... more) {
        List<Object> words = new ArrayList<>(command);
        List<Object> added = List.of(more);
        usual.forEach((option, value) -> {
            if (!added.contains(option)) {
                words.addAll(List.of(option, value));
            }
        });
        words.addAll(added);
        return words.toArray();
    }

    /** Interrupted as soon as there is a file. */
    public static Ran interruptedAt(Path file, Object... args) throws Exception {
        CompletableFuture<Ran> ran = new CompletableFuture<>();
        Thread thread = new Thread(() -> ran.complete(amend4j(args)), "interrupted");
        thread.start();
        while (thread.isAlive() && !Files.exists(file)) {
            Thread.sleep(2);
        }
        thread.interrupt();
        return ran.get();
    }

    public Ran done() {
        assertEquals(0, code, err + out);
        return this;
    }

    public JsonNode json() throws IOException {
        assertEquals(0, code, err);
        return new ObjectMapper().readTree(out);
    }

    /** Exit code 2, and one sentence with these parts. */
    public void refused(String... parts) {
        assertEquals(2, code, err);
        for (String part : parts) {
            assertTrue(err.contains(part), err);
        }
        assertEquals(1, err.lines().count(), "one sentence, no stack trace: " + err);
        assertEquals("", out);
    }

    /** As {@link #refused}, after lines about what it did before. */
    public void refusedAtLast(String... parts) {
        new Ran(code, out, err.lines().reduce("", (before, line) -> line)).refused(parts);
    }
}
