/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.digest.Sha256;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageJobTest {

    @TempDir
    private Path folder;

    private record Ran(int code, String text) {}

    private static Progress silent() {
        return Progress.to(new PrintWriter(new StringWriter()));
    }

    /** Runs a command as on a machine without any Java. */
    private Ran run(Path where, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(where.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeAll(List.of("JAVA_HOME", "AMEND4J_JAVA_HOME", "AMEND4J_JAVA_OPTS", "CI"));
        environment.put("PATH", toolsWithoutJava().toString());
        environment.put(
                "XDG_CACHE_HOME",
                Path.of("target", "kit-cache").toAbsolutePath().toString());
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), text);
    }

    /** A PATH with what the system has, but for everything of a JDK; python3 is the one on this process's PATH. */
    private Path toolsWithoutJava() throws IOException, InterruptedException {
        Path tools = Path.of("target", "kit-tools").toAbsolutePath();
        if (Files.exists(tools)) {
            return tools;
        }
        Files.createDirectories(tools);
        for (Path bin : List.of(Path.of("/usr/bin"), Path.of("/bin"))) {
            try (Stream<Path> files = Files.list(bin)) {
                for (Path file : files.toList()) {
                    Path link = tools.resolve(file.getFileName());
                    boolean ofJava = file.getFileName().toString().matches("j[a-z]*|python3?");
                    if (!ofJava && !Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                        Files.createSymbolicLink(link, file);
                    }
                }
            }
        }
        python().ifPresent(python -> {
            try {
                Files.createSymbolicLink(tools.resolve("python3"), python);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return tools;
    }

    private static Optional<Path> python() throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder("python3", "-c", "import sys; print(sys.executable)").start();
            String path = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? Optional.of(Path.of(path)) : Optional.empty();
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    private static PortableKit kit() {
        return new PortableKit(Path.of(System.getProperty("amend4j.root", "../.."))
                .toAbsolutePath()
                .normalize());
    }

    private static void assumeThatJobsAreMadeHere() {
        assumeTrue(
                "Linux".equals(System.getProperty("os.name")) && "amd64".equals(System.getProperty("os.arch")),
                "Jobs are for Linux on x86_64.");
        Path modules = Path.of(System.getProperty("java.home"), "jmods");
        assumeTrue(Files.isDirectory(modules), () -> "A job needs a JDK with modules, there is no " + modules + ".");
    }

    private JsonNode result() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("result.json").toFile());
    }

    private Path packedAndJoined() throws IOException, InterruptedException {
        Path job = folder.resolve("job");
        PartSize size = PartSize.of("28m");
        Report report = PackageJob.run(job, false, kit(), size, "test", silent());
        assertTrue(report.tree().path("parts").size() > 1);
        try (Stream<Path> files = Files.list(job)) {
            for (Path file : files.toList()) {
                assertTrue(Files.size(file) <= size.bytes(), file.toString());
            }
        }
        Path target = folder.resolve("target");
        Ran joined = run(folder, "sh", job.resolve("join.sh").toString(), target.toString());
        assertEquals(0, joined.code(), joined.text());
        Ran again = run(folder, "sh", job.resolve("join.sh").toString(), target.toString());
        assertEquals(2, again.code());
        assertTrue(again.text().contains("exists already"), again.text());
        return target.resolve("amend4j-job").resolve("run.sh");
    }

    /** All that is done on a card, in the order it is done there, with what stands in for CUDA and the CPU in its place. */
    @Test
    @Tag("exhaustive")
    void aJobRunsOnAMachineWithoutJavaAndWritesAllItLearnsIntoOneFile() throws IOException, InterruptedException {
        assumeThatJobsAreMadeHere();
        String script = packedAndJoined().toString();
        assertNotEquals(0, run(folder, "sh", "-c", "command -v java").code(), "a machine without Java");

        Ran doctor = run(folder, "sh", script, "doctor");
        assertEquals(0, doctor.code(), doctor.text());
        assertTrue(result().path("doctor").path("result").path("device").has("way"), doctor.text());
        JsonNode libraries = result().path("libraries");
        for (String library : CudaLibraries.NEEDED) {
            assertTrue(
                    libraries.path("found").has(library) != doctor.text().contains(library + " is neither in"),
                    library);
        }
        String java = result().path("machine").path("javaHome").asText();
        assertTrue(java.endsWith("/amend4j-job/java"), java);

        Ran tests = run(folder, "sh", script, "tests", "--device", "stand-in", "--quick");
        JsonNode counted = result().path("tests").path("stand-in quick");
        assertEquals(0, tests.code(), tests.text());
        assertTrue(counted.path("succeeded").asInt() > 50, counted.toString());
        assertEquals(0, counted.path("failed").asInt(), counted.toString());
        JsonNode reasons = counted.path("skippedBecause");
        assertTrue(
                reasons.size() == 1 && reasons.path(0).asText().contains("planted faults"),
                "only what the emulated device is needed for is skipped: " + counted);

        // The look at a card: once with what stands in for CUDA, which the tests have compiled, once without any card.
        if (python().isPresent() && run(folder, "python3", "-c", "import numpy").code() == 0) {
            Path standIn = Path.of(script).resolveSibling("work/target/stand-in");
            Ran card = run(folder, "sh", script, "card", "--quick", "--libraries", standIn.toString());
            assertEquals(0, card.code(), card.text());
            JsonNode look = result().path("card").path("result");
            assertEquals(12, look.path("products").size(), card.text());
            assertTrue(
                    look.path("kernels").size() >= 12 && look.path("failures").isEmpty(), card.text());
            JsonNode assumptions = look.path("assumptions");
            assertEquals(
                    "launchMicroseconds",
                    assumptions.path("values").path(4).path("name").asText(),
                    card.text());
            assertTrue(assumptions.path("timings").findValues("microseconds").size() > 20, card.text());
            Ran dry = run(folder, "sh", script, "card", "--dry-run", "--quick");
            assertEquals(0, dry.code(), dry.text());
            assertTrue(result().path("card").path("result").path("complete").asBoolean(), dry.text());
        }

        Ran measured = run(folder, "sh", script, "bench", "--device", "cpu", "--quick", "--no-demo");
        assertEquals(0, measured.code(), measured.text());
        JsonNode bench = result().path("bench").path("cpu fp32 quick").path("result");
        assertTrue(bench.path("peaks").path("TN").asDouble() > 0, measured.text());
        assertTrue(bench.path("complete").asBoolean() && !bench.has("demo"), measured.text());

        assumeTrue(
                Files.notExists(Path.of("/proc/driver/nvidia/version")), "There is a card, where the rest goes well.");
        // What does not go well is written down beside what did.
        Ran failed = run(folder, "sh", script, "bench", "--precision", "tf32");
        assertEquals(2, failed.code(), failed.text());
        assertEquals(
                2, result().path("bench").path("cuda tf32").path("exitCode").asInt());
        assertTrue(result().path("bench")
                .path("cuda tf32")
                .path("lastLines")
                .toString()
                .contains("CUDA"));
        assertTrue(result().path("bench").has("cpu fp32 quick") && result().has("doctor"));
    }

    @Test
    void aPartThatIsMissingOrDamagedIsNamedAndNothingIsUnpacked() throws IOException, InterruptedException {
        assumeTrue(File.separatorChar == '/', "There is a shell.");
        Path job = folder.resolve("job");
        writeSmallJob(job);
        Path second = job.resolve("amend4j-job.tar.gz.part-002");
        byte[] whole = Files.readAllBytes(second);
        Path target = folder.resolve("target");
        Files.write(second, new byte[1], StandardOpenOption.APPEND);
        refusedBecauseOf("part-002: FAILED", job, target);
        Files.delete(second);
        refusedBecauseOf("part-002: MISSING", job, target);
        Files.write(second, whole);
        assertEquals(
                0,
                run(folder, "sh", job.resolve("join.sh").toString(), target.toString())
                        .code());
    }

    private void refusedBecauseOf(String why, Path job, Path target) throws IOException, InterruptedException {
        Ran refused = run(folder, "sh", job.resolve("join.sh").toString(), target.toString());
        assertEquals(2, refused.code());
        assertTrue(refused.text().contains(why), refused.text());
        try (Stream<Path> left = Files.list(target)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void aSizeOfPartsIsANumberWithAUnit() {
        assertEquals(28_000_000, PartSize.of("28m").bytes());
        assertEquals(100_000, PartSize.of("100K").bytes());
        assertEquals(2_000_000_000, PartSize.of("2g").bytes());
        assertEquals(123_456, PartSize.of("123456").bytes());
        for (String wrong : List.of("", "m", "28mb", "-1m", "0", "1k", "3g", "1.5m", "99999999999999999999")) {
            BadInputException refused = assertThrows(BadInputException.class, () -> PartSize.of(wrong));
            assertTrue(refused.getMessage().startsWith("--part-size must be"), refused.getMessage());
        }
    }

    @Test
    void librariesAreFoundInPythonsPackagesAndWhatIsMissingIsNamed() throws IOException {
        Path packages = folder.resolve("lib/python3.12/site-packages");
        Path thirteen = Files.createDirectories(packages.resolve("nvidia/cu13/lib"));
        Path blas = Files.createDirectories(packages.resolve("nvidia/cublas/lib"));
        Path usual = Files.createDirectories(folder.resolve("usr/local/cuda-13.1/lib64"));
        Files.createFile(thirteen.resolve("libcudart.so.13"));
        Files.createFile(thirteen.resolve("libnvrtc.so.13"));
        Files.createFile(thirteen.resolve("libnvrtc-builtins.so.13.1"));
        Files.createFile(blas.resolve("libcublas.so.13"));
        Files.createFile(blas.resolve("libcublas.so.12"));
        Files.createFile(usual.resolve("libcublas.so.13"));
        CudaLibraries found = CudaLibraries.find(Map.of(), List.of(packages), folder);
        assertEquals(List.of("libcublasLt.so.13"), found.missing());
        assertEquals(blas, found.found().get("libcublas.so.13"));
        assertEquals(thirteen + ":" + blas + ":/mine", found.libraryPath(Map.of("LD_LIBRARY_PATH", "/mine")));
        assertEquals(2, found.sentences().size());
        assertTrue(
                found.sentences().get(0).startsWith("libcublasLt.so.13 is neither"),
                found.sentences().get(0));
        assertTrue(
                found.sentences().get(1).contains("NVIDIA's driver"),
                found.sentences().get(1));

        // Whoever names a folder means it; and what Python does not have may be in the usual places.
        Path named = Files.createDirectories(folder.resolve("named"));
        Files.createFile(named.resolve("libcublas.so.13"));
        Files.createFile(usual.resolve("libcublasLt.so.13"));
        CudaLibraries all = CudaLibraries.find(Map.of("LD_LIBRARY_PATH", named.toString()), List.of(packages), folder);
        assertEquals(named, all.found().get("libcublas.so.13"));
        assertEquals(usual, all.found().get("libcublasLt.so.13"));
        assertEquals(List.of(), all.missing());
    }

    @Test
    void whatWasFoundBeforeStaysAndAForeignFileIsLeftAlone() throws IOException {
        Path file = folder.resolve("some/result.json");
        ObjectMapper json = new ObjectMapper();
        new MachineFindings(file).put(json.readTree("{\"a\": 1}"), "bench", "cuda fp32");
        new MachineFindings(file).put(json.readTree("{\"b\": 2}"), "bench", "cuda tf32");
        new MachineFindings(file).put(json.readTree("{\"a\": 3}"), "bench", "cuda fp32");
        assertEquals(
                json.readTree("{\"bench\": {\"cuda fp32\": {\"a\": 3}, \"cuda tf32\": {\"b\": 2}}}"),
                json.readTree(file.toFile()));
        for (String foreign : List.of("a letter", "[1]", "{\"a\":")) {
            Path other = Files.writeString(folder.resolve("foreign"), foreign);
            assertThrows(BadInputException.class, () -> new MachineFindings(other));
            assertEquals(foreign, Files.readString(other));
        }
    }

    @Test
    void failuresAndReasonsAreReadFromJUnitsReport() throws IOException {
        Path reports = Files.createDirectories(folder.resolve("reports"));
        Files.writeString(reports.resolve("TEST-junit-jupiter.xml"), """
                <testsuite tests="4">
                  <testcase name="right()" classname="A"/>
                  <testcase name="wrong()" classname="A"><failure message="1 is 2&#10;at"/></testcase>
                  <testcase name="lost()" classname="B"><error>no card</error></testcase>
                  <testcase name="left()" classname="B"><skipped>no compiler</skipped></testcase>
                </testsuite>""");
        TestReport report = TestReport.of(reports);
        assertEquals(
                new TestReport(4, List.of("A#wrong(): 1 is 2", "B#lost(): no card"), 1, List.of("no compiler")),
                report);
        assertEquals(1, report.succeeded());
        assertEquals(0, TestReport.of(folder.resolve("none")).tests());
    }

    /** An archive of one file, in two parts. */
    private void writeSmallJob(Path job) throws IOException {
        Files.createDirectories(job);
        List<Sum> sums;
        try (Parts parts = new Parts(job, "amend4j-job.tar.gz", 200);
                Archive archive = new Archive(parts, "amend4j-job")) {
            archive.add("run.sh", "echo it runs\n");
            archive.finish();
            sums = parts.finish();
        }
        assertTrue(sums.size() > 1);
        StringBuilder lines = new StringBuilder();
        sums.forEach(sum -> lines.append(sum.line()));
        Files.writeString(job.resolve("SHA256SUMS"), lines);
        try (InputStream script = PackageJob.class.getResourceAsStream("/org/amend4j/app/portable/join.sh")) {
            Files.copy(Objects.requireNonNull(script), job.resolve("join.sh"));
        }
    }

    @Test
    void spacesInTheNamesOfFoldersAreNoObstacle() throws IOException, InterruptedException {
        assumeTrue(File.separatorChar == '/', "There is a shell.");
        Path job = folder.resolve("the job");
        writeSmallJob(job);
        Path target = folder.resolve("a target");
        Ran joined = run(folder, "sh", job.resolve("join.sh").toString(), target.toString());
        assertEquals(0, joined.code(), joined.text());
        // What it says to do next works as it is.
        String next = joined.text()
                .substring(joined.text().indexOf("Next: ") + "Next: ".length())
                .strip();
        assertEquals(new Ran(0, "it runs\n"), run(folder, "sh", "-c", next));
    }

    @Test
    void theReadmeNamesEveryLibraryOfCuda() throws IOException {
        try (InputStream in = PackageJob.class.getResourceAsStream("/org/amend4j/app/portable/README.txt")) {
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
            BadInputException refused = assertThrows(
                    BadInputException.class,
                    () -> PackageJob.run(folder, replace, kit(), PartSize.DEFAULT, "test", silent()));
            assertTrue(refused.getMessage().contains("--replace"), refused.getMessage());
        }
        assertEquals("mine", Files.readString(file));
        assertThrows(
                BadInputException.class, () -> PackageJob.run(file, false, kit(), PartSize.DEFAULT, "test", silent()));
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
            java.security.MessageDigest digest = Sha256.start();
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

    @Test
    void aCloneHasContractsIfAndOnlyIfTheyAreCompiled(@TempDir Path clone) throws IOException {
        for (String module :
                List.of("core/foundation", "core/model", "core/engine", "core/lora", "core/transformers", "cuda")) {
            Files.createDirectories(clone.resolve(module).resolve("target/test-classes"));
        }
        PortableKit kit = new PortableKit(clone);
        assertFalse(kit.hasContracts());
        int without = kit.tests().size();
        Files.createDirectories(clone.resolve("integration-tests/target/test-classes/org/amend4j/contract"));
        assertTrue(kit.hasContracts());
        assertEquals(without + 1, kit.tests().size());
    }
}
