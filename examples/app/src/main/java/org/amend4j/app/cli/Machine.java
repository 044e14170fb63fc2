/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.amend4j.internal.onednn.OneDnn;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** The machine and the natives of this process. */
record Machine(
        Machine.Java java,
        Machine.Host system,
        Machine.Backend nd4j,
        Machine.Products products,
        Machine.OpenMp openmp,
        Machine.Memory memory) {

    private static final Path DRIVER = Path.of("/proc/driver/nvidia");
    private static final Pattern ND4J_JAR = Pattern.compile("nd4j-(?:native|cuda-[0-9.]+)-[^/\\\\]*?\\.jar");

    /** This one, now. */
    static Machine here() {
        return new Machine(Java.here(), Host.here(), Backend.here(), Products.here(), OpenMp.here(), Memory.here());
    }

    /** What runs us. */
    record Java(String version, String vm) {

        static Java here() {
            return new Java(Runtime.version().toString(), property("java.vm.name") + ", " + property("java.vm.vendor"));
        }
    }

    /** The system and its processor. */
    record Host(String os, String arch, String processor, int cores) {

        static Host here() {
            return new Host(
                    property("os.name") + " " + property("os.version"),
                    property("os.arch"),
                    processorModel(),
                    Runtime.getRuntime().availableProcessors());
        }
    }

    /** The model, where the system tells. */
    private static String processorModel() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException notLinux) {
            return "unknown";
        }
    }

    private static String property(String key) {
        return System.getProperty(key, "unknown");
    }

    /** ND4J, and the natives that this process loaded. */
    record Backend(String backend, String natives, String blas, int blasThreads, String dataType) {

        static Backend here() {
            return new Backend(
                    Nd4j.getBackend().getClass().getSimpleName(),
                    loaded(),
                    Nd4j.factory().blas().getBlasVendor().toString(),
                    Nd4j.factory().blas().getMaxThreads(),
                    Nd4j.dataType().toString());
        }
    }

    /** The names of the jars from which this process really loaded libnd4j: the classifier tells which build it is. */
    private static String loaded() {
        NativeOpsHolder.getInstance();
        Set<String> jars = new TreeSet<>();
        Stream.concat(Loader.getLoadedLibraries().values().stream(), mapped()).forEach(path -> {
            Matcher matcher = ND4J_JAR.matcher(path);
            if (path.contains("libnd4jc") && matcher.find()) {
                jars.add(matcher.group());
            }
        });
        return jars.isEmpty() ? "not found among the loaded libraries" : String.join(", ", jars);
    }

    /** Files mapped into this process; nothing where the system does not list them. */
    private static Stream<String> mapped() {
        try {
            return Files.readAllLines(Path.of("/proc/self/maps")).stream();
        } catch (IOException notLinux) {
            return Stream.empty();
        }
    }

    /**
     * What multiplies matrices in plans on the CPU.
     *
     * @param frozen those that do not train, in single precision
     * @param why it is that library, and where it comes from
     * @param others all others, and frozen ones in double
     * @param advice what would make it faster
     */
    record Products(String frozen, String why, String others, List<String> precisions, String advice) {

        static Products here() {
            String openBlas = openblas_nolapack.OPENBLAS_VERSION.strip();
            Optional<OneDnn> found = OneDnn.here();
            Optional<OneDnn> used = found.filter(OneDnn::hasOwnCode);
            boolean bf16 = used.filter(OneDnn::multipliesBfloat16).isPresent();
            return new Products(
                    used.map(OneDnn::toString).orElse(openBlas),
                    why(found.isPresent(), used.isPresent()),
                    openBlas,
                    bf16 ? List.of("fp32", "bf16") : List.of("fp32"),
                    found.isPresent() ? "none" : "oneDNN: " + OneDnn.sentence());
        }

        private static String why(boolean found, boolean used) {
            if (!found) {
                return "no oneDNN is used: " + OneDnn.sentence();
            }
            return OneDnn.sentence() + (used ? " has" : " has no") + " code of its own for this processor";
        }
    }

    /** How OpenMP's threads wait. */
    record OpenMp(int threads, String waitPolicy, String advice) {

        static OpenMp here() {
            int threads = NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads();
            String policy = System.getenv().getOrDefault("OMP_WAIT_POLICY", "");
            return policy.equalsIgnoreCase("passive")
                    ? new OpenMp(threads, "PASSIVE", "none")
                    : new OpenMp(
                            threads,
                            policy.isEmpty() ? "not set (spins)" : policy.toUpperCase(Locale.ROOT),
                            "set OMP_WAIT_POLICY=PASSIVE in the environment: spinning threads can slow training 2 to 3 times");
        }
    }

    /** In MiB. */
    record Memory(long machineMb, long freeMb, long heapLimitMb, long offHeapLimitMb, long processLimitMb) {

        static Memory here() {
            return new Memory(
                    Pointer.totalPhysicalBytes() >> 20,
                    Pointer.availablePhysicalBytes() >> 20,
                    Runtime.getRuntime().maxMemory() >> 20,
                    Pointer.maxBytes() >> 20,
                    Pointer.maxPhysicalBytes() >> 20);
        }
    }

    /** Whether ND4J computes on a card. */
    record Gpu(boolean used, String cards, String reason) {

        static Gpu here() {
            boolean cuda = !Nd4j.getEnvironment().isCPU();
            List<String> cards = Machine.cards();
            return new Gpu(
                    cuda,
                    cards.isEmpty() ? "none" : String.join(", ", cards),
                    cuda ? "ND4J's CUDA backend is on the class path" : whyNone(cards));
        }
    }

    private static String whyNone(List<String> cards) {
        if (!property("os.name").equals("Linux")) {
            return "only ND4J's CPU backend is on the class path, and cards are looked for on Linux only";
        }
        if (!Files.exists(DRIVER.resolve("version"))) {
            return "no NVIDIA driver is loaded (there is no " + DRIVER.resolve("version") + ")";
        }
        return cards.isEmpty()
                ? "the NVIDIA driver is loaded and lists no card"
                : "only ND4J's CPU backend is on the class path";
    }

    private static List<String> cards() {
        Path folder = DRIVER.resolve("gpus");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().flatMap(Machine::model).toList();
        } catch (IOException unreadable) {
            return List.of();
        }
    }

    private static Stream<String> model(Path card) {
        try {
            return Files.readAllLines(card.resolve("information")).stream()
                    .filter(line -> line.startsWith("Model:"))
                    .map(line -> line.substring("Model:".length()).strip());
        } catch (IOException unreadable) {
            return Stream.empty();
        }
    }
}
