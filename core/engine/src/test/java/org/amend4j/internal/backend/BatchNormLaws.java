/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.junit.jupiter.params.provider.Arguments;

/** Frozen batch normalisation against doubles in both layouts. */
public final class BatchNormLaws {

    private BatchNormLaws() {}

    public static Stream<Arguments> shapes() {
        return Stream.of(
                Arguments.of(0, 3, 4, 11L),
                Arguments.of(1, 1, 1, 12L),
                Arguments.of(7, 33, 1, 13L),
                Arguments.of(3, 5, 49, 14L));
    }

    public static void batchNorm(
            Machine machine,
            BatchNormKernels kernels,
            ElementType type,
            int outer,
            int channels,
            int inner,
            long seed) {
        try (Values values = new Values(machine, type, seed)) {
            int count = outer * channels * inner;
            float[] x = values.normal(count);
            float[] factor = values.normal(channels);
            float[] shift = values.normal(channels);
            MachineArray onFactor = values.in(factor);
            MachineArray y = values.fresh(count);
            MachineArray dx = values.fresh(count);
            kernels.apply(values.in(x), onFactor, Optional.of(values.in(shift)), y, inner);
            kernels.apply(values.in(x), onFactor, Optional.empty(), dx, inner);
            Expected toY = new Expected(count);
            Expected toDx = new Expected(count);
            for (int i = 0; i < count; i++) {
                int c = i / inner % channels;
                double product = (double) factor[c] * x[i];
                // two roundings, one where a compiler contracts them
                toY.set(i, product + shift[c], 2 * values.unit() * (Math.abs(product) + Math.abs(shift[c])));
                toDx.set(i, product, 2 * values.unit() * Math.abs(product));
            }
            toY.compare("y", values.get(y));
            toDx.compare("dx", values.get(dx));
        }
    }
}
