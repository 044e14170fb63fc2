/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import java.util.stream.IntStream;
import org.amend4j.random.SplitMix64;

/**
 * PEFT's {@code "orthogonal"}: of an orthogonal r × r matrix, the first, third, … rows Q₁ and the others Q₂; A = G₁·Q₁/10 and
 * B = Q₂ᵀ·G₂/10 with G₁ [nIn, r/2] and G₂ [r/2, nOut] standard normal. Neither factor is zero, but their product is, up to
 * rounding, since Q₁·Q₂ᵀ = 0. The rank must be even.
 */
public record OrthogonalStart() implements WeightStart {

    private static final double DIVISOR = 10;

    @Override
    public StartFactors of(StartSite site) {
        if (site.rank() % 2 != 0) {
            throw new IllegalArgumentException(
                    "rank must be even for the orthogonal start, got " + site.rank() + site.place());
        }
        SplitMix64 random = new SplitMix64(site.seed());
        int half = site.rank() / 2;
        Dense rows = Decompositions.qr(Dense.normal(site.rank(), site.rank(), random))
                .q()
                .transposed();
        Dense first = everyOther(rows, 0);
        Dense second = everyOther(rows, 1);
        Dense a = Dense.zero(site.inputs(), site.rank())
                .plusInPlace(1 / DIVISOR, Dense.normal(site.inputs(), half, random), false, first, true);
        Dense b = second.times(Dense.normal(half, site.outputs(), random)).scaled(k -> 1 / DIVISOR);
        return site.beside(a, b);
    }

    /** Rows {@code from}, {@code from + 2}, …, of a matrix whose columns are these rows. */
    private static Dense everyOther(Dense columns, int from) {
        Dense result = Dense.zero(columns.rows(), columns.columns() / 2);
        IntStream.range(0, result.columns())
                .forEach(k -> System.arraycopy(
                        columns.values(),
                        (2 * k + from) * columns.rows(),
                        result.values(),
                        k * columns.rows(),
                        columns.rows()));
        return result;
    }
}
