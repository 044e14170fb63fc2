/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import java.util.List;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RowAttentionKernels;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/**
 * Attention of the rows of examples on a device: in single precision (row_attention.cu), or on tensor cores with factors rounded to
 * TF32 or BF16 (tensor_attention.cuh). All sources have the same kernels.
 */
final class CudaRowAttention extends RowAttentionKernels {

    /** Rows of a tile. */
    private static final int TILE = 64;
    /** Columns of a head of results, or of queries' gradient, that a block takes. */
    private static final int COLUMNS = 128;

    /**
     * How a source multiplies.
     *
     * @param source its name
     * @param block threads of a block
     * @param keyColumns columns of a head of keys' and values' gradients that a block takes
     * @param sharedBytes of a block, with four floats or words behind each line
     */
    record Products(String source, int block, int keyColumns, int sharedBytes) {

        /** A tile of weights and two of factors. */
        static final Products SINGLE = new Products("row_attention", 256, COLUMNS, 2 * TILE * (TILE + 4) * Float.BYTES);

        static final Products TF32 = onTensorCores("row_attention_tf32", 1, 1);
        static final Products BF16 = onTensorCores("row_attention_bf16", 2, 4);

        private static final int PANEL = 32;

        /** Two panels of floats, two of words, and those of words that stay. */
        private static Products onTensorCores(String source, int perWord, int kept) {
            int lines = 2 * (PANEL + 4) + (2 + kept) * (PANEL / perWord + 4);
            return new Products(source, 128, TILE, TILE * lines * Float.BYTES);
        }

        KernelSource text() {
            return KernelSource.resource(source);
        }
    }

    private final KernelModule module;
    private final Products products;

    CudaRowAttention(Device device, KernelSource source, Products products) {
        this.module = device.load(source);
        this.products = products;
    }

    public static CudaRowAttention on(Device device) {
        return new CudaRowAttention(device, Products.SINGLE.text(), Products.SINGLE);
    }

    /** With factors rounded as asked for; on cards without tensor cores for that, before 8.0, not rounded. */
    public static CudaRowAttention on(Device device, ProductPrecision precision) {
        Products products = switch (precision) {
            case FP32 -> Products.SINGLE;
            case TF32 -> Products.TF32;
            case BF16 -> Products.BF16;
        };
        KernelSource source = products.text();
        return device.architecture() < source.leastArchitecture()
                ? on(device)
                : new CudaRowAttention(device, source, products);
    }

    @Override
    protected void computeForward(Projections of, MachineArray starts, Rule rule, Attended to) {
        module.launch(
                "attention",
                tiles(of, starts, rule, rule.heads(), COLUMNS),
                ArgumentList.of(
                        inputs(of),
                        List.of(
                                in(starts),
                                out(to.out().array()),
                                integer(to.out().stride()),
                                out(to.logSums())),
                        shape(of, starts, rule)));
    }

    @Override
    protected void computeGradient(
            Projections of,
            MachineArray starts,
            Rule rule,
            Attended attended,
            MatrixView dOut,
            MachineArray scratch,
            Projections to) {
        MachineArray deltas = scratch.slice(0, (long) dOut.rows() * rule.heads());
        module.launch(
                "attention_deltas",
                LaunchShape.linear(deltas.length() * 32),
                in(dOut.array()),
                integer(dOut.stride()),
                in(attended.out().array()),
                integer(attended.out().stride()),
                in(starts),
                out(deltas),
                integer(examples(starts)),
                integer(rule.heads()),
                integer(rule.headSize()));
        List<Argument> known =
                List.of(in(starts), in(dOut.array()), integer(dOut.stride()), in(attended.logSums()), in(deltas));
        module.launch(
                "attention_query_gradient",
                tiles(of, starts, rule, rule.heads(), COLUMNS),
                ArgumentList.of(inputs(of), known, output(to.queries()), shape(of, starts, rule)));
        module.launch(
                "attention_key_gradient",
                tiles(of, starts, rule, rule.keyValueHeads(), products.keyColumns()),
                ArgumentList.of(inputs(of), known, output(to.keys()), output(to.values()), shape(of, starts, rule)));
    }

    /** A block for each tile that there may be, however rows are divided among examples, and so many columns of each head. */
    private LaunchShape tiles(Projections of, MachineArray starts, Rule rule, int heads, int columns) {
        int rows = of.queries().rows();
        int parts = Grids.ceilDiv(rule.headSize(), columns);
        return new LaunchShape(
                rows / TILE + examples(starts) + 1,
                Math.multiplyExact(heads, parts),
                products.block(),
                products.sharedBytes());
    }

    private static int examples(MachineArray starts) {
        return (int) starts.length() - 1;
    }

    private static List<Argument> inputs(Projections of) {
        return List.of(
                in(of.queries().array()),
                integer(of.queries().stride()),
                in(of.keys().array()),
                integer(of.keys().stride()),
                in(of.values().array()),
                integer(of.values().stride()));
    }

    private static List<Argument> output(MatrixView to) {
        return List.of(out(to.array()), integer(to.stride()));
    }

    private static List<Argument> shape(Projections of, MachineArray starts, Rule rule) {
        return List.of(
                integer(of.queries().rows()),
                integer(examples(starts)),
                integer(rule.heads()),
                integer(rule.group()),
                integer(rule.headSize()),
                integer(rule.causal() ? 1 : 0),
                integer(rule.window().orElse(Integer.MAX_VALUE)),
                real((float) rule.scale()));
    }
}
