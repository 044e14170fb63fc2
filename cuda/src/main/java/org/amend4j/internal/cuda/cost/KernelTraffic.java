/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.CachedAttentionKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.OptimizerKernels;
import org.amend4j.internal.cuda.device.Parameter;

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
            "begin_step", Set.of("counters"),
            "add_to", Set.of("high", "low"),
            "scatter", Set.of("table"),
            "ghost_norms", Set.of("norms"),
            "formed_norms", Set.of("norms"),
            "adapter_sum", Set.of("y"),
            "epilogue_bias", Set.of("c"),
            "epilogue_gradient", Set.of("c"));

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
        return switch (launch.kernel()) {
            case "column_sums", "narrow_sums" -> launch.number("beta") != 0; // the bits of 0 are 0
            case "low_rank_projection", "low_rank_gradients" ->
                parameter.name().equals("outer_partial") || parameter.name().equals("counters");
            case "dropout" -> launch.number("add") != 0;
            default -> ALSO_READ.getOrDefault(launch.kernel(), Set.of()).contains(parameter.name());
        };
    }

    /** How many numbers behind a pointer are touched. */
    private static long numbers(KernelLaunch launch, String name, MachineArray array) {
        return switch (launch.kernel() + "." + name) {
            case "adapter_epilogue.low",
                    "adapter_gradient.low",
                    "low_rank_gradients.low",
                    "low_rank_gradient.low",
                    "low_rank_gradients.outer",
                    "low_rank_projection.outer" -> launch.number("rows") * launch.number("rank");
            case "adapter_epilogue.up", "adapter_gradient.up", "low_rank_gradients.up", "low_rank_projection.up" ->
                launch.number("rank") * launch.number("columns");
            case "activation_gradient.partial", "adapter_gradient.partial" ->
                ceilDiv(launch.number("rows"), launch.number("chunk")) * launch.number("columns");
            case "begin_step.order", "begin_step.chosen" -> launch.number("count");
            case "begin_step.paces" -> OptimizerKernels.Pace.NUMBERS;
            case "sgd.pace" -> 1;
            case "begin_step.kept" -> launch.number("places");
            case "epilogue_bias.mask", "epilogue_gradient.mask" ->
                launch.number("rows") * ceilDiv(launch.number("columns"), Integer.SIZE);
            case "epilogue_gradient.partial" ->
                ceilDiv(launch.number("rows"), launch.number("chunk")) * launch.number("columns");
            case "column_sums.partial", "epilogue_sums.partial" -> launch.number("chunks") * launch.number("columns");
            case "low_rank_gradients.counters", "low_rank_projection.counters" ->
                ceilDiv(launch.number("rank"), 16) * partsOfChunks(launch);
            case "column_scales.weight", "column_scales.a" -> 0; // but where most of a column cancels
            case "copy_pieces.from", "copy_pieces.to" -> launch.number("numbers");
            case "gather.table", "gather_pair.table" -> differentRows(launch) * launch.number("columns");
            case "gather_pair.second" -> differentRows(launch) * launch.number("second_columns");
            case "gather_pair.second_out" -> launch.number("rows") * launch.number("second_columns");
            case "scatter.rows" -> array.length() / launch.number("rows_stride") * launch.number("columns");
            case "scatter.table" -> launch.number("segments") * launch.number("columns");
            case "rotate_halves.cosines", "rotate_halves.sines" -> launch.number("positions") * launch.number("half");
            case "ghost_norms.x", "ghost_norms.y", "formed_norms.x", "formed_norms.y" ->
                launch.number("examples") * launch.number("steps") * launch.number(name + "_columns");
            case "encode_bf16.refused", "encode_int8.refused", "encode_nf4.refused" -> 0; // but where one is
            case "decode_bf16.words" -> unitsOfPart(launch, 1);
            case "decode_int8.words", "decode_int8_rounded.words" -> unitsOfPart(launch, 4);
            case "decode_nf4.words", "decode_nf4_rounded.words" -> unitsOfPart(launch, 8);
            case "decode_int8.scales", "decode_int8_rounded.scales", "decode_nf4.scales", "decode_nf4_rounded.scales" ->
                unitsOfPart(launch, WeightStorage.BLOCK);
            case "keep_rows.kept_keys", "keep_rows.kept_values" -> launch.number("rows") * launch.number("columns");
            case "cached_attention.queries" -> launch.number("rows") * queryColumns(launch);
            case "cached_attention.keys", "cached_attention.values" -> keptNumbers(launch);
            case "attention_deltas.upstream", "attention_deltas.out" ->
                array.length() / Math.max(1, launch.number(name + "_stride")) * queryColumns(launch);
            default -> byRule(launch, name, array);
        };
    }

    /** How often some rows are added up: every so many of a chunk, and what is left of it. */
    private static long partsOfChunks(KernelLaunch launch) {
        long whole = launch.number("rows") / launch.number("chunk");
        long rest = launch.number("rows") % launch.number("chunk");
        return whole * ceilDiv(launch.number("chunk"), launch.number("together"))
                + ceilDiv(rest, launch.number("together"));
    }

    /** Of a table, as if no two tokens were the same where there are as many. */
    private static long differentRows(KernelLaunch launch) {
        return Math.min(launch.number("rows"), launch.number("vocabulary"));
    }

    /** Units of so many neighbours that a rectangle of a matrix has numbers of. */
    private static long unitsOfPart(KernelLaunch launch, int neighbours) {
        long units = 0;
        long counted = -1;
        for (long row = 0; row < launch.number("rows"); row++) {
            long first = (launch.number("first_row") + row) * launch.number("width") + launch.number("first_column");
            long last = (first + launch.number("columns") - 1) / neighbours;
            units += last - Math.max(counted, first / neighbours - 1);
            counted = last;
        }
        return units;
    }

    /** As if every row saw all positions that there may be, and no two rows the same. */
    private static long keptNumbers(KernelLaunch launch) {
        long positions = Math.min(launch.number("window"), launch.number("part_count") * CachedAttentionKernels.PART);
        long kept = Math.min(launch.number("rows") * positions, launch.number("pages") * CachedAttentionKernels.PAGE);
        return kept * queryColumns(launch) / launch.number("group");
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
