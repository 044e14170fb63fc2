/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.cost;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.amend4j.cuda.device.Parameter;
import org.amend4j.machine.MachineArray;

/**
 * Which bytes of its arrays a kernel touches. The rule: of a pointer {@code p}, rows × columns where the kernel has {@code p_stride}, an image
 * where it has {@code p_stride_n} or {@code stride_n}, the whole array otherwise; const pointers are read, others written. Kernels that do
 * something else are listed here, and the tests compare all with what the emulated device touched.
 */
final class KernelTraffic {

    /** Parameters that are read before they are written. */
    private static final Map<String, Set<String>> ALSO_READ = Map.of(
            "sgd", Set.of("parameters"),
            "adam", Set.of("parameters", "first", "second"),
            "add_to", Set.of("high", "low"),
            "scatter", Set.of("table"),
            "ghost_norms", Set.of("norms"),
            "formed_norms", Set.of("norms"),
            "adapter_sum", Set.of("y"),
            "epilogue_bias", Set.of("c"),
            "epilogue_gradient", Set.of("c"));

    private static final String HALVES = "_halves";

    private KernelTraffic() {}

    static Traffic of(KernelLaunch launch) {
        Map<Long, Long> read = new HashMap<>();
        Map<Long, Long> written = new HashMap<>();
        for (int place = 0; place < launch.parameters().size(); place++) {
            Parameter parameter = launch.parameters().get(place);
            if (launch.array(place).isEmpty()) {
                continue;
            }
            MachineArray array = launch.array(place).get();
            long bytes = numbers(launch, parameter.name(), array) * array.type().bytes();
            if (isRead(launch, parameter)) {
                read.merge(launch.address(place), bytes, Math::max);
            }
            if (parameter.kind().isWritten()) {
                written.merge(launch.address(place), bytes, Math::max);
            }
        }
        return new Traffic(sum(read), sum(written));
    }

    private static long sum(Map<Long, Long> bytes) {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    private static boolean isRead(KernelLaunch launch, Parameter parameter) {
        if (!parameter.kind().isWritten()) {
            return true;
        }
        return switch (kernel(launch)) {
            case "column_sums" -> launch.number("beta") != 0; // the bits of 0 are 0
            case "low_rank_sums" -> parameter.name().equals("up_gradient") && launch.number("beta") != 0;
            case "dropout" -> launch.number("add") != 0;
            default -> ALSO_READ.getOrDefault(kernel(launch), Set.of()).contains(parameter.name());
        };
    }

    /** The same for both types of rows. */
    private static String kernel(KernelLaunch launch) {
        String name = launch.kernel();
        return name.endsWith(HALVES) ? name.substring(0, name.length() - HALVES.length()) : name;
    }

    /** How many numbers behind a pointer are touched. */
    private static long numbers(KernelLaunch launch, String name, MachineArray array) {
        return switch (kernel(launch) + "." + name) {
            case "adapter_epilogue.low", "adapter_gradient.low", "low_rank_gradients.low", "low_rank_sums.outer" ->
                launch.number("rows") * launch.number("rank");
            case "adapter_epilogue.up", "adapter_gradient.up", "low_rank_gradients.up", "low_rank_sums.up_gradient" ->
                launch.number("rank") * launch.number("columns");
            case "activation_gradient.partial", "adapter_gradient.partial" ->
                ceilDiv(launch.number("rows"), launch.number("chunk")) * launch.number("columns");
            case "epilogue_bias.mask", "epilogue_gradient.mask" ->
                launch.number("rows") * ceilDiv(launch.number("columns"), Integer.SIZE);
            case "epilogue_gradient.partial" ->
                ceilDiv(launch.number("rows"), launch.number("chunk")) * launch.number("columns");
            case "column_sums.partial", "epilogue_sums.partial" -> launch.number("chunks") * launch.number("columns");
            case "column_scales.weight", "column_scales.a" -> 0; // but where most of a column cancels
            case "gather.table" ->
                Math.min(launch.number("rows"), launch.number("vocabulary")) * launch.number("columns");
            case "scatter.rows" -> array.length() / launch.number("rows_stride") * launch.number("columns");
            case "scatter.table" -> launch.number("segments") * launch.number("columns");
            case "rotate_halves.cosines", "rotate_halves.sines" -> launch.number("positions") * launch.number("half");
            case "ghost_norms.x", "ghost_norms.y", "formed_norms.x", "formed_norms.y" ->
                launch.number("examples") * launch.number("steps") * launch.number(name + "_columns");
            case "attention_deltas.upstream", "attention_deltas.out" ->
                array.length() / Math.max(1, launch.number(name + "_stride")) * queryColumns(launch);
            default -> byRule(launch, name, array);
        };
    }

    private static long byRule(KernelLaunch launch, String name, MachineArray array) {
        if (launch.kernel().startsWith("attention") && launch.has(strideOf(name))) {
            boolean ofKeys = name.contains("key") || name.contains("value");
            return launch.number("rows") * queryColumns(launch) / (ofKeys ? launch.number("group") : 1);
        }
        if (launch.has(name + "_stride") && launch.has("rows")) {
            return launch.number("rows") * launch.number(launch.has(name + "_columns") ? name + "_columns" : "columns");
        }
        return array.length();
    }

    private static long queryColumns(KernelLaunch launch) {
        return launch.number("heads") * launch.number("size");
    }

    /** d_queries and queries have their own; the kernel says query_stride. */
    private static String strideOf(String name) {
        return switch (name) {
            case "queries", "d_queries" -> name.replace("queries", "query_stride");
            case "keys", "d_keys", "values", "d_values" -> name.substring(0, name.length() - 1) + "_stride";
            default -> name + "_stride";
        };
    }

    private static long ceilDiv(long numerator, long denominator) {
        return (numerator + denominator - 1) / denominator;
    }
}
