package org.amend4j.examples.portable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.examples.job.Progress;
import org.amend4j.examples.job.Report;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageJobTest {

    @TempDir
    private Path folder;

    private record Ran(int code, String text) {}

    private static Progress silent() {
        return Progress.to(new PrintWriter(new StringWriter()));
    }

    private static Ran run(Path where, String... command) throws IOException, InterruptedException {
        return run(Path.of(System.getProperty("java.home")), where, command);
    }

    private static Ran run(Path javaHome, Path where, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(where.toFile());
        builder.environment().put("JAVA_HOME", javaHome.toString());
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), text);
    }

    @Test
    void whatWasPackedIsJoinedAndMeasuresTheCpu() throws IOException, InterruptedException {
        assumeTrue(
                "Linux".equals(System.getProperty("os.name")) && "amd64".equals(System.getProperty("os.arch")),
                "Jobs are for Linux on x86_64.");
        Path job = folder.resolve("job");
        Report report = PackageJob.run(job, false, "test", silent());
        List<?> parts = (List<?>) report.facts().get("parts");
        assertTrue(parts.size() > 1);
        try (Stream<Path> files = Files.list(job)) {
            for (Path file : files.toList()) {
                assertTrue(Files.size(file) < 60_000_000, file.toString());
            }
        }

        Path target = folder.resolve("target");
        Ran joined = run(folder, "sh", job.resolve("join.sh").toString(), target.toString());
        assertEquals(0, joined.code(), joined.text());
        Path script = target.resolve("amend4j-job").resolve("run.sh");
        Ran measured = run(folder, "sh", script.toString(), "--device", "cpu", "--quick", "--json", "result.json");
        assertEquals(0, measured.code(), measured.text());
        JsonNode facts =
                new ObjectMapper().readTree(folder.resolve("result.json").toFile());
        assertTrue(facts.path("peakGigaflops").asDouble() > 0, measured.text());
        assertTrue(facts.path("demo").path("testAccuracy").asDouble() > 0, measured.text());

        Ran again = run(folder, "sh", job.resolve("join.sh").toString(), target.toString());
        assertEquals(2, again.code());
        assertTrue(again.text().contains("exists already"), again.text());

        // One byte more in one part, and nothing is unpacked.
        Files.write(job.resolve("amend4j-job.zip.part-002"), new byte[1], StandardOpenOption.APPEND);
        Path elsewhere = folder.resolve("elsewhere");
        Ran damaged = run(folder, "sh", job.resolve("join.sh").toString(), elsewhere.toString());
        assertEquals(2, damaged.code());
        assertTrue(damaged.text().contains("part-002: FAILED"), damaged.text());
        try (Stream<Path> left = Files.list(elsewhere)) {
            assertEquals(0, left.count());
        }
    }

    /** An archive of one file, in two parts. */
    private void writeSmallJob(Path job) throws IOException {
        Files.createDirectories(job);
        List<Sum> sums;
        try (Parts parts = new Parts(job, "amend4j-job.zip", 200);
                Archive archive = new Archive(parts, "amend4j-job")) {
            archive.add("run.sh", "echo it runs\n");
            archive.finish();
            sums = parts.finish();
        }
        assertTrue(sums.size() > 1);
        StringBuilder lines = new StringBuilder();
        sums.forEach(sum -> lines.append(sum.line()));
        Files.writeString(job.resolve("SHA256SUMS"), lines);
        try (InputStream script = PackageJob.class.getResourceAsStream("/org/amend4j/examples/portable/join.sh")) {
            Files.copy(Objects.requireNonNull(script), job.resolve("join.sh"));
        }
    }

    @Test
    void spacesInTheNamesOfFoldersAreNoObstacle() throws IOException, InterruptedException {
        assumeTrue(File.separatorChar == '/', "There is a shell.");
        Path job = folder.resolve("the job");
        writeSmallJob(job);
        Path javaHome = folder.resolve("java home");
        Path jar = Files.createDirectories(javaHome.resolve("bin")).resolve("jar");
        Files.writeString(jar, "#!/bin/sh\nexec '" + System.getProperty("java.home") + "/bin/jar' \"$@\"\n");
        assertTrue(jar.toFile().setExecutable(true));
        Path target = folder.resolve("a target");
        Ran joined = run(javaHome, folder, "sh", job.resolve("join.sh").toString(), target.toString());
        assertEquals(0, joined.code(), joined.text());
        // What it says to do next works as it is.
        String next = joined.text()
                .substring(joined.text().indexOf("Next: ") + "Next: ".length())
                .strip();
        assertEquals(new Ran(0, "it runs\n"), run(folder, "sh", "-c", next));
    }

    @Test
    void theReadmeNamesEveryLibraryOfCuda() throws IOException {
        try (InputStream in = PackageJob.class.getResourceAsStream("/org/amend4j/examples/portable/README.txt")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            for (String library : List.of("cudart", "cublas", "cublasLt", "nvrtc", "nvrtc-builtins")) {
                assertTrue(text.contains("lib" + library + ".so.13"), library);
            }
        }
    }

    @Test
    void aFolderThatIsNotEmptyIsLeftAsItIs() throws IOException {
        Path file = Files.writeString(folder.resolve("letter.txt"), "mine");
        for (boolean replace : new boolean[] {false, true}) {
            BadInputException refused =
                    assertThrows(BadInputException.class, () -> PackageJob.run(folder, replace, "test", silent()));
            assertTrue(refused.getMessage().contains("--replace"), refused.getMessage());
        }
        assertEquals("mine", Files.readString(file));
        assertThrows(BadInputException.class, () -> PackageJob.run(file, false, "test", silent()));
    }

    @Test
    void partsAreTheWholeCutAndNoneIsLargerThanAllowed() throws IOException {
        byte[] whole = new byte[1000];
        new Random(3).nextBytes(whole);
        List<Sum> sums;
        try (Parts parts = new Parts(folder, "whole", 300)) {
            parts.write(whole, 0, 301);
            parts.write(whole[301]);
            parts.write(whole, 302, 698);
            sums = parts.finish();
        }
        assertEquals(4, sums.size());
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (Sum sum : sums) {
            byte[] part = Files.readAllBytes(folder.resolve(sum.file()));
            assertTrue(part.length <= 300);
            java.security.MessageDigest digest = Sum.sha256();
            digest.update(part);
            assertEquals(sum, new Sum(sum.file(), digest));
            joined.write(part);
        }
        assertArrayEquals(whole, joined.toByteArray());
    }

    @Test
    void aPartThatWasNotFinishedDoesNotAppear() throws IOException {
        try (Parts parts = new Parts(folder, "whole", 300)) {
            parts.write(new byte[10], 0, 10);
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void theSameContentMakesTheSameArchive() throws IOException {
        byte[] first = archive();
        assertArrayEquals(first, archive());
    }

    private byte[] archive() throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Files.writeString(classes.resolve("A.class"), "a");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Archive archive = new Archive(out, "root")) {
            archive.add("text", "some");
            archive.addLibrary("lib/classes.jar", classes);
            archive.finish();
        }
        return out.toByteArray();
    }

    private String classPath(String... names) throws IOException {
        List<String> entries = new ArrayList<>();
        for (String name : names) {
            Path jar = folder.resolve(name);
            if (!Files.exists(jar)) {
                Files.createFile(jar);
            }
            entries.add(jar.toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    @Test
    void onlyWhatTheTargetNeedsIsTaken() throws IOException {
        String classPath = classPath(
                "nd4j-native-1.0.0-M2.1.jar",
                "nd4j-native-1.0.0-M2.1-linux-x86_64.jar",
                "nd4j-native-1.0.0-M2.1-linux-x86_64-onednn-avx2.jar",
                "nd4j-native-1.0.0-M2.1-windows-x86_64.jar",
                "nd4j-native-1.0.0-M2.1-linux-arm64.jar",
                "nd4j-cuda-11.6-1.0.0-M2.1.jar",
                "nd4j-cuda-11.6-1.0.0-M2.1-linux-x86_64.jar",
                "cuda-13.1-9.19-1.5.13.jar",
                "cuda-13.1-9.19-1.5.13-linux-x86_64.jar",
                "cuda-13.1-9.19-1.5.13-macosx-arm64.jar",
                "javacpp-1.5.13-linux-x86_64.jar",
                "openblas-0.3.31-1.5.13-linux-x86_64.jar",
                "jline-native-3.24.1.jar");
        assertEquals(
                List.of(
                        "nd4j-native-1.0.0-M2.1.jar",
                        "nd4j-native-1.0.0-M2.1-linux-x86_64-onednn-avx2.jar",
                        "cuda-13.1-9.19-1.5.13.jar",
                        "cuda-13.1-9.19-1.5.13-linux-x86_64.jar",
                        "javacpp-1.5.13-linux-x86_64.jar",
                        "openblas-0.3.31-1.5.13-linux-x86_64.jar",
                        "jline-native-3.24.1.jar"),
                Libraries.chosen(classPath).stream()
                        .map(jar -> jar.getFileName().toString())
                        .toList());
    }

    @Test
    void withoutTheTargetsNativesNoJobIsMade() throws IOException {
        String classPath = classPath(
                "nd4j-native-1.0.0-M2.1-windows-x86_64.jar",
                "nd4j-native-preset-1.0.0-M2.1-linux-x86_64.jar",
                "cuda-13.1-9.19-1.5.13-linux-x86_64.jar",
                "javacpp-1.5.13-linux-x86_64.jar",
                "openblas-0.3.31-1.5.13-linux-x86_64.jar");
        BadInputException refused = assertThrows(BadInputException.class, () -> Libraries.chosen(classPath));
        assertTrue(refused.getMessage().contains("of nd4j-native to make"), refused.getMessage());
        assertFalse(refused.getMessage().contains("cuda"), refused.getMessage());
    }
}
