package org.amend4j.cuda.kernel;

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
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.cuda.device.KernelSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kernel through nvcc, where there is one: no warnings, no spills, for every architecture that is supported. */
class NvccTest {

    private static final List<String> SOURCES = List.of(
            "activation",
            "batch_norm",
            "clipping",
            "convolution",
            "elementwise",
            "embedding",
            "layer_norm",
            "loss",
            "optimizer",
            "pooling");
    private static final Pattern SPILL = Pattern.compile("(\\d+) bytes spill (stores|loads)");

    @ParameterizedTest(name = "sm_{0}")
    @ValueSource(strings = {"75", "80", "89", "90", "100", "120"})
    void everyKernelCompilesWithoutWarningsAndWithoutSpills(String architecture, @TempDir Path folder)
            throws IOException, InterruptedException {
        Optional<Path> nvcc = nvcc();
        assumeTrue(
                nvcc.isPresent(), "No nvcc on the PATH or in /usr/local/cuda/bin: kernels are not compiled for cards.");
        for (String name : SOURCES) {
            Path source = Files.writeString(
                    folder.resolve(name + ".cu"), KernelSource.resource(name).text());
            Process process = new ProcessBuilder(
                            nvcc.get().toString(),
                            "-cubin",
                            "-arch=sm_" + architecture,
                            "-std=c++17",
                            "-Werror",
                            "all-warnings",
                            "-Xptxas",
                            "-v",
                            source.toString(),
                            "-o",
                            folder.resolve(name + ".cubin").toString())
                    .redirectErrorStream(true)
                    .start();
            String report = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor(10, TimeUnit.MINUTES);
            assertEquals(0, process.exitValue(), report);
            assertEquals(0, spilled(report), report);
            Path kept = Files.createDirectories(Path.of("target", "nvcc"));
            Files.writeString(kept.resolve(name + ".sm_" + architecture + ".txt"), report);
        }
    }

    @Test
    void spillsAreReadFromTheReport() {
        String clean = "ptxas info : 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n";
        assertEquals(0, spilled(clean));
        assertEquals(12, spilled(clean + "8 bytes stack frame, 8 bytes spill stores, 4 bytes spill loads"));
    }

    @Test
    void noSourceIsForgotten() throws IOException {
        List<String> files = new ArrayList<>();
        try (var stream = Files.list(Path.of("src/main/resources/org/amend4j/cuda/kernels"))) {
            stream.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".cu"))
                    .forEach(name -> files.add(name.substring(0, name.length() - 3)));
        }
        files.sort(null);
        assertEquals(SOURCES, files);
    }

    private static int spilled(String report) {
        int bytes = 0;
        Matcher matcher = SPILL.matcher(report);
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
