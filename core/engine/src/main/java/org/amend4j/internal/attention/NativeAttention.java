/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.attention;

import java.lang.ref.Reference;
import org.amend4j.internal.cpu.HostArrays;
import org.amend4j.internal.cpu.HostAttention;
import org.amend4j.internal.cpu.HostAttention.Rows;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention on the memory of ND4J's CPU backend. Arrays are held for as long as their addresses are used. */
record NativeAttention(DotProductAttention attention) {

    private static final double[] NO_SHIFT = {};

    /** @param other the output or its derivative */
    static boolean takes(DotProductAttention attention, INDArray other) {
        return HostArrays.takes(attention.queries(), attention.keys(), attention.values(), other);
    }

    void forward(INDArray output) {
        Held held = new Held(attention);
        try (HostAttention host = host()) {
            for (int example = 0; example < attention.sizes().examples(); example++) {
                host.forward(held.arguments(example), shifts(example), held.ofQueries(output, example));
            }
        } finally {
            Reference.reachabilityFence(held);
            Reference.reachabilityFence(output);
        }
    }

    DotProductAttention.Gradients backward(INDArray d) {
        Held held = new Held(attention);
        INDArray errors = rows(d);
        INDArray dQueries = DotProductAttention.like(held.queries());
        INDArray dKeys = DotProductAttention.like(held.keys());
        INDArray dValues = DotProductAttention.like(held.values());
        try (HostAttention host = host()) {
            for (int example = 0; example < attention.sizes().examples(); example++) {
                double before = attention.sharesQueries() && example > 0 ? 1 : 0;
                host.backward(
                        held.arguments(example),
                        shifts(example),
                        held.ofQueries(errors, example),
                        new HostAttention.Derivatives(
                                held.asQueries(dQueries, example),
                                before,
                                held.ofKeys(dKeys, example),
                                held.ofKeys(dValues, example)));
            }
        } finally {
            Reference.reachabilityFence(held);
            Reference.reachabilityFence(errors);
        }
        return new DotProductAttention.Gradients(dQueries, dKeys, dValues);
    }

    private HostAttention host() {
        AttentionSizes sizes = attention.sizes();
        return new HostAttention(
                HostArrays.type(attention.queries()),
                new HostAttention.Sizes(
                        sizes.heads(),
                        sizes.queries(),
                        sizes.keys(),
                        (int) attention.keys().size(1) / sizes.heads(),
                        (int) attention.values().size(1) / sizes.heads()));
    }

    private double[] shifts(int example) {
        return attention
                .mask()
                .map(mask -> mask.getRow(example).toDoubleVector())
                .map(NativeAttention::shifts)
                .orElse(NO_SHIFT);
    }

    private static double[] shifts(double[] mask) {
        for (int j = 0; j < mask.length; j++) {
            mask[j] = (1 - mask[j]) * DotProductAttention.MASKED;
        }
        return mask;
    }

    /** The matrix itself if its rows have no gaps within, else a copy. */
    private static INDArray rows(INDArray matrix) {
        return matrix.stride(1) == 1 || matrix.size(1) == 1 ? matrix : matrix.dup('c');
    }

    /** Arrays that addresses point to. */
    private record Held(INDArray queries, INDArray keys, INDArray values, AttentionSizes sizes, boolean shared) {

        Held(DotProductAttention attention) {
            this(
                    rows(attention.queries()),
                    rows(attention.keys()),
                    rows(attention.values()),
                    attention.sizes(),
                    attention.sharesQueries());
        }

        HostAttention.Arguments arguments(int example) {
            return new HostAttention.Arguments(
                    asQueries(queries, example), ofKeys(keys, example), ofKeys(values, example));
        }

        Rows asQueries(INDArray matrix, int example) {
            return shared ? from(matrix, 0) : ofQueries(matrix, example);
        }

        Rows ofQueries(INDArray matrix, int example) {
            return from(matrix, (long) example * sizes.queries());
        }

        Rows ofKeys(INDArray matrix, int example) {
            return from(matrix, (long) example * sizes.keys());
        }

        private static Rows from(INDArray matrix, long row) {
            long stride = matrix.size(0) == 1 ? matrix.size(1) : matrix.stride(0);
            return new Rows(HostArrays.address(matrix, row * stride), (int) stride);
        }
    }
}
