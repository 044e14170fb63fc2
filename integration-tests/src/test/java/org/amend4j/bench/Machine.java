/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.amend4j.integration.Libtorch;
import org.amend4j.internal.onednn.OneDnn;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** What a timing depends on beside the code: wait policy, threads, processor, other jobs. */
final class Machine {

    private static final Path PROCESS_TIMES = Path.of("/proc/stat");
    private static final double NANOSECONDS_PER_TICK = 1e7;

    private Machine() {}

    /**
     * Gives every contender the same number of threads and describes the machine.
     *
     * @throws IllegalStateException if OpenMP's threads are not told to wait passively
     */
    static Map<String, String> prepare() {
        String policy = System.getenv().getOrDefault("OMP_WAIT_POLICY", "unset");
        if (!policy.equalsIgnoreCase("PASSIVE")) {
            throw new IllegalStateException(
                    "OMP_WAIT_POLICY must be PASSIVE in the environment of the benchmark's JVM, got " + policy);
        }
        Nd4j.create(1);
        int openMp = NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads();
        openblas_nolapack.blas_set_num_threads(openMp);
        Libtorch.setThreads(openMp);
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("processor", processor());
        facts.put("threads of ND4J's OpenMP", Integer.toString(openMp));
        facts.put("threads of OpenBLAS", Integer.toString(openblas_nolapack.blas_get_num_threads()));
        facts.put("products of plans", OneDnn.here().map(OneDnn::toString).orElse("OpenBLAS"));
        facts.put("threads of libtorch", Integer.toString(Libtorch.threads()));
        facts.put("OMP_WAIT_POLICY", policy);
        facts.put("OPENBLAS_THREAD_TIMEOUT", System.getenv().getOrDefault("OPENBLAS_THREAD_TIMEOUT", "unset"));
        facts.put("Java", Runtime.version().toString());
        facts.put("ND4J backend", Nd4j.getBackend().getClass().getSimpleName());
        return facts;
    }

    /** Lets OpenBLAS give a product all threads, as it does by itself. */
    static void allThreads() {
        openblas_nolapack.blas_set_num_threads(
                NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads());
    }

    /** CPU time so far of the whole machine's processes, in nanoseconds; empty where the system does not tell. */
    static OptionalDouble busyTime() {
        if (!Files.isReadable(PROCESS_TIMES)) {
            return OptionalDouble.empty();
        }
        try {
            String[] ticks = Files.readAllLines(PROCESS_TIMES, StandardCharsets.US_ASCII)
                    .get(0)
                    .split("\\s+", -1);
            double busy = 0;
            for (int field : new int[] {1, 2, 3}) {
                busy += Long.parseLong(ticks[field]);
            }
            return OptionalDouble.of(busy * NANOSECONDS_PER_TICK);
        } catch (IOException e) {
            return OptionalDouble.empty();
        }
    }

    /** CPU time so far of this process and of those it started that still run, contenders such as numpy's, in nanoseconds. */
    static double ownTime() {
        ProcessHandle self = ProcessHandle.current();
        return Stream.concat(Stream.of(self), self.descendants())
                .flatMap(process -> process.info().totalCpuDuration().stream())
                .mapToDouble(Duration::toNanos)
                .sum();
    }

    private static String processor() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8);
            return lines.stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
