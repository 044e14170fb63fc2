/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A child process that may fail without ending this one; its failure is recorded. A library with a missing symbol ends the JVM that calls
 * it.
 */
final class ChildProcess {

    private static final int KEPT_LINES = 40;
    private static final int LOOK_EVERY_SECONDS = 2;

    private final ProcessBuilder builder;
    private final PrintStream told;

    /** What it came to: its exit code, and the last lines it wrote. */
    record End(int code, List<String> lastLines) {
        End {
            lastLines = List.copyOf(lastLines);
        }
    }

    /** Something to do now and then while it runs. */
    @FunctionalInterface
    interface Meanwhile {
        void look() throws IOException;
    }

    /**
     * Not started yet.
     *
     * @param told gets its lines as they come
     */
    ChildProcess(List<String> command, Path folder, Map<String, String> variables, PrintStream told) {
        this.builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(variables);
        this.told = told;
    }

    /** Runs it to its end; it ends with this process. */
    End run(Meanwhile meanwhile) throws IOException {
        Process process = builder.start();
        Thread ending = new Thread(process::destroy);
        Runtime.getRuntime().addShutdownHook(ending);
        try {
            process.getOutputStream().close();
            Deque<String> last = new ArrayDeque<>();
            Thread reader = new Thread(() -> read(process, last));
            reader.start();
            while (!process.waitFor(LOOK_EVERY_SECONDS, TimeUnit.SECONDS)) {
                meanwhile.look();
            }
            reader.join();
            meanwhile.look();
            return new End(process.exitValue(), new ArrayList<>(last));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stopped);
        } finally {
            process.destroy();
            removeHook(ending);
        }
    }

    private static void removeHook(Thread ending) {
        try {
            Runtime.getRuntime().removeShutdownHook(ending);
        } catch (IllegalStateException alreadyEnding) {
            return;
        }
    }

    private void read(Process process, Deque<String> last) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                told.println(line);
                last.addLast(line);
                if (last.size() > KEPT_LINES) {
                    last.removeFirst();
                }
            }
        } catch (IOException gone) {
            last.addLast("its output could not be read: " + gone.getMessage());
        }
    }
}
