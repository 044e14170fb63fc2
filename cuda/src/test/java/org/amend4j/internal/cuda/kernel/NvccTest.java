/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.cuda.KernelSources;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel through nvcc, where there is one: no warnings, nothing in local memory, for every architecture that is supported. */
class NvccTest {

    /** Spilled registers, and arrays that have indices which the compiler does not know. */
    private static final Pattern LOCAL = Pattern.compile("(\\d+) bytes (stack frame|spill stores|spill loads)");

    @ParameterizedTest(name = "{0}.cu")
    @MethodSource("org.amend4j.cuda.KernelSources#compiled")
    void everyKernelCompilesForEveryCardWithoutWarningsAndKeepsAllInRegisters(String name, @TempDir Path folder)
            throws IOException, InterruptedException {
        Optional<Path> nvcc = nvcc();
        assumeTrue(
                nvcc.isPresent(), "No nvcc on the PATH or in /usr/local/cuda/bin: kernels are not compiled for cards.");
        KernelSource source = KernelSources.source(name);
        Path file = Files.writeString(folder.resolve(name + ".cu"), source.text());
        List<String> command =
                new ArrayList<>(List.of(nvcc.get().toString(), "-fatbin", "-std=c++17", "--threads", "0"));
        for (int architecture : KernelSources.architectures(source)) {
            command.add("-gencode=arch=compute_" + architecture + ",code=sm_" + architecture);
        }
        command.addAll(List.of("-Werror", "all-warnings", "-Xptxas", "-v", file.toString(), "-o"));
        command.add(folder.resolve(name + ".fatbin").toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String report = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), report);
        assertEquals(0, inLocalMemory(report), report);
        int compiled =
                source.kernels().size() * KernelSources.architectures(source).size();
        assertEquals(compiled, report.split("Compiling entry function", -1).length - 1, report);
        Path kept = Files.createDirectories(Path.of("target", "nvcc"));
        Files.writeString(kept.resolve(name + ".txt"), report);
    }

    @Test
    void whatIsInLocalMemoryIsReadFromTheReport() {
        String clean = "ptxas info : 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n";
        assertEquals(0, inLocalMemory(clean));
        assertEquals(28, inLocalMemory(clean + "16 bytes stack frame, 8 bytes spill stores, 4 bytes spill loads"));
    }

    private static int inLocalMemory(String report) {
        int bytes = 0;
        Matcher matcher = LOCAL.matcher(report);
        while (matcher.find()) {
            bytes += Integer.parseInt(matcher.group(1));
        }
        return bytes;
    }

    private static Optional<Path> nvcc() {
        List<String> folders = new ArrayList<>(
                List.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator, -1)));
        folders.add("/usr/local/cuda/bin");
        return folders.stream()
                .map(folder -> Path.of(folder).resolve("nvcc"))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
