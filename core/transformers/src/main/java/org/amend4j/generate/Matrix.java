/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Optional;
import org.amend4j.internal.cpu.PackedProduct;

/** A frozen matrix that rows are multiplied with. On one machine a row's bytes depend on nothing that is computed with it. */
sealed interface Matrix permits TurnedMatrix, PackedMatrix {

    /** Numbers of a matrix from which on a call of oneDNN is worth it. */
    int WORTHWHILE = 1 << 16;

    /**
     * The fastest matrix for products.
     *
     * @param values [outputs, inputs] in C-order
     */
    static Matrix ofLayer(float[] values, int outputs, int inputs) {
        Optional<PackedProduct> packed =
                values.length < WORTHWHILE ? Optional.empty() : PackedProduct.of(values, outputs, inputs);
        return packed.<Matrix>map(PackedMatrix::new).orElseGet(() -> TurnedMatrix.of(values, outputs, inputs));
    }

    int inputs();

    int outputs();

    /** A row of it, an embedding. */
    void row(int index, float[] to);

    /** A column of it: what an input is multiplied with. */
    void column(int index, float[] to);

    /** y += x·Mᵀ for the rows in [from, to). */
    void multiplyAdd(float[][] x, float[][] y, int from, int to);
}
