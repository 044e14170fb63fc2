/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.amend4j.app.job.Json;

/**
 * Facts about a machine, found without any native library of ours: system, processor, memory, driver and card.
 *
 * @param memory as Linux says it
 * @param cards a line each, or a sentence where none is named
 */
record MachineFacts(
        String system,
        String processor,
        int cores,
        String memory,
        String java,
        String javaHome,
        JsonNode cards,
        String compiler) {

    private static final int PATIENCE_SECONDS = 20;

    static MachineFacts here() {
        List<String> cards = output(
                "nvidia-smi", "--query-gpu=name,driver_version,compute_cap,memory.total", "--format=csv,noheader");
        return new MachineFacts(
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                value(Path.of("/proc/cpuinfo"), "model name"),
                Runtime.getRuntime().availableProcessors(),
                value(Path.of("/proc/meminfo"), "MemTotal"),
                Runtime.version().toString(),
                System.getProperty("java.home", "unknown"),
                cards.isEmpty() ? Json.tree("nvidia-smi names none") : Json.tree(cards),
                hasCompiler() ? "g++" : "none on the PATH: tests on the emulated device are skipped");
    }

    /** Where the machine's Pythons have their packages. */
    static List<Path> pythonPackages() {
        List<Path> folders = new ArrayList<>();
        for (String python : List.of("python3", "python")) {
            output(python, "-c", "import site, sys; print('\\n'.join(sys.path + [site.getusersitepackages()]))")
                    .stream()
                    .filter(line -> line.endsWith("-packages"))
                    .map(Path::of)
                    .filter(folder -> !folders.contains(folder))
                    .forEach(folders::add);
        }
        return folders;
    }

    private static boolean hasCompiler() {
        return !output("g++", "--version").isEmpty();
    }

    private static String value(Path file, String key) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException notLinux) {
            return "unknown";
        }
    }

    /** What a program says; nothing if there is none, it fails or takes too long. */
    private static List<String> output(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                process.getOutputStream().close();
                // What it says is little, and is read afterwards: reading waits for as long as it lives.
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                    return List.of();
                }
                String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return text.lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList();
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException notThere) {
            return List.of();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }
}
