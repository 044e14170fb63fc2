/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Facts about the machine and the natives of this process, each group by name. */
final class Machine {

    private static final Path DRIVER = Path.of("/proc/driver/nvidia");
    private static final Pattern ND4J_JAR = Pattern.compile("nd4j-(?:native|cuda-[0-9.]+)-[^/\\\\]*?\\.jar");

    private Machine() {}

    static Map<String, Object> java() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("version", Runtime.version().toString());
        facts.put("vm", property("java.vm.name") + ", " + property("java.vm.vendor"));
        return facts;
    }

    static Map<String, Object> system() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("os", property("os.name") + " " + property("os.version"));
        facts.put("arch", property("os.arch"));
        facts.put("processor", processor());
        facts.put("cores", Runtime.getRuntime().availableProcessors());
        return facts;
    }

    /** The model, where the system tells. */
    private static String processor() {
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

    static Map<String, Object> nd4j() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("backend", Nd4j.getBackend().getClass().getSimpleName());
        facts.put("natives", natives());
        facts.put("blas", Nd4j.factory().blas().getBlasVendor().toString());
        facts.put("blasThreads", Nd4j.factory().blas().getMaxThreads());
        facts.put("dataType", Nd4j.dataType().toString());
        return facts;
    }

    /** The jars whose libnd4j this process really loaded, by name: the classifier tells which build it is. */
    private static String natives() {
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

    static Map<String, Object> openMp() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("threads", NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads());
        String policy = System.getenv().getOrDefault("OMP_WAIT_POLICY", "");
        boolean passive = policy.equalsIgnoreCase("passive");
        facts.put(
                "waitPolicy",
                passive ? "PASSIVE" : policy.isEmpty() ? "not set (spins)" : policy.toUpperCase(Locale.ROOT));
        facts.put(
                "advice",
                passive
                        ? "none"
                        : "set OMP_WAIT_POLICY=PASSIVE in the environment: spinning threads can slow training 2 to 3 times");
        return facts;
    }

    static Map<String, Object> memory() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("machineMb", Pointer.totalPhysicalBytes() >> 20);
        facts.put("freeMb", Pointer.availablePhysicalBytes() >> 20);
        facts.put("heapLimitMb", Runtime.getRuntime().maxMemory() >> 20);
        facts.put("offHeapLimitMb", Pointer.maxBytes() >> 20);
        facts.put("processLimitMb", Pointer.maxPhysicalBytes() >> 20);
        return facts;
    }

    static Map<String, Object> gpu() {
        Map<String, Object> facts = new LinkedHashMap<>();
        boolean cuda = !Nd4j.getEnvironment().isCPU();
        List<String> cards = cards();
        facts.put("used", cuda);
        facts.put("cards", cards.isEmpty() ? "none" : String.join(", ", cards));
        facts.put("reason", cuda ? "ND4J's CUDA backend is on the class path" : whyNone(cards));
        return facts;
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
