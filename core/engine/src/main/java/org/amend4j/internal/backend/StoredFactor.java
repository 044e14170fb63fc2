/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;
import org.amend4j.backend.ProductPrecision;

/**
 * A matrix as it is stored.
 *
 * @param precision of products with it
 */
record StoredFactor(FrozenMatrix matrix, ProductPrecision precision) implements FrozenFactor {

    @Override
    public void multiply(MachineArray rows, MachineArray to, int count, double alpha, double beta) {
        machine().multiply(product(count, matrix.inner(), matrix.columns(), alpha, beta), rows, matrix.values(), to);
    }

    @Override
    public void multiply(MatrixView rows, MatrixView to, double alpha, double beta, Optional<Epilogue> epilogue) {
        Gemm product = product(rows.rows(), rows.stride(), to.stride(), alpha, beta);
        if (epilogue.isPresent()) {
            machine().multiply(product, rows.array(), matrix.values(), to.array(), epilogue.get());
        } else {
            machine().multiply(product, rows.array(), matrix.values(), to.array());
        }
    }

    private Gemm product(int count, int leadingRows, int leadingTo, double alpha, double beta) {
        return Gemm.contiguous(MatrixOrder.ROWS, false, matrix.transposed(), count, matrix.columns(), matrix.inner())
                .withLeading(leadingRows, matrix.leading(), leadingTo)
                .withFactors(alpha, beta)
                .withPrecision(precision);
    }

    private Machine machine() {
        return matrix.values().machine();
    }

    @Override
    public void close() {}
}
