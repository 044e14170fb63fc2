/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.machine;

/**
 * A matrix as it is stored.
 *
 * @param precision of products with it
 */
record StoredFactor(FrozenMatrix matrix, ProductPrecision precision) implements FrozenFactor {

    @Override
    public void multiply(MachineArray rows, MachineArray to, int count, double alpha, double beta) {
        Gemm product = Gemm.contiguous(
                        MatrixOrder.ROWS, false, matrix.transposed(), count, matrix.columns(), matrix.inner())
                .withFactors(alpha, beta)
                .withPrecision(precision);
        matrix.values().machine().multiply(product, rows, matrix.values(), to);
    }

    @Override
    public void close() {}
}
