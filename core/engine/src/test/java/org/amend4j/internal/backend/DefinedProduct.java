/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;

/** A matrix product, element by element, of random matrices. */
record DefinedProduct(Gemm product, ElementType type) {

    private static final double MARK = 9.5;

    /** What makes a product. */
    private interface Maker {
        void make(MachineArray a, MachineArray b, MachineArray c);
    }

    void check(Machine machine, long seed) {
        check(machine, seed, (a, b, c) -> machine.multiply(product, a, b, c));
    }

    /**
     * With B frozen.
     *
     * @param most rows that it is told of
     */
    void checkFrozen(Machine machine, int most, long seed) {
        check(machine, seed, (a, b, c) -> {
            // in double nothing is rounded
            ProductPrecision precision = type == ElementType.DOUBLE ? ProductPrecision.FP32 : product.precision();
            FrozenMatrix matrix = new FrozenMatrix(b, product.k(), product.n(), product.transposeB(), most, precision);
            try (FrozenFactor factor = machine.freeze("test", matrix)) {
                factor.multiply(a, c, product.m(), product.alpha(), product.beta());
            }
        });
    }

    private void check(Machine machine, long seed, Maker maker) {
        try (Values values = new Values(machine, type, seed)) {
            float[] a = values.normal((int) product.extentA());
            float[] b = values.normal((int) product.extentB());
            float[] c = values.normal((int) product.extentC());
            MachineArray toC = values.in(c);
            maker.make(values.in(a), values.in(b), toC);
            compare(a, b, Values.widened(c), values.get(toC), values.unit());
        }
    }

    private void compare(float[] a, float[] b, double[] c, double[] got, double unit) {
        // Each factor is rounded once (not at all in FP32), then k products and sums.
        double relative = (product.k() + 4) * unit + 2.01 * roundingOfFactors();
        for (int i = 0; i < product.m(); i++) {
            for (int j = 0; j < product.n(); j++) {
                int place = place(product.leadingC(), i, j);
                double sum = product.beta() == 0 ? 0 : product.beta() * c[place];
                double size = Math.abs(sum);
                for (int l = 0; l < product.k(); l++) {
                    double term = product.alpha()
                            * a[element(product.leadingA(), product.transposeA(), i, l)]
                            * b[element(product.leadingB(), product.transposeB(), l, j)];
                    sum += term;
                    size += Math.abs(term);
                }
                if (!(Math.abs(sum - got[place]) <= relative * size)) {
                    fail("C[" + i + ", " + j + "] must be " + sum + ", got " + got[place]);
                }
                c[place] = MARK;
                got[place] = MARK;
            }
        }
        for (int i = 0; i < c.length; i++) {
            assertEquals(c[i], got[i], "the gaps of C must stay");
        }
    }

    private double roundingOfFactors() {
        return switch (product.precision()) {
            case FP32 -> 0;
            case TF32 -> 0x1p-11;
            case BF16 -> 0x1p-8;
        };
    }

    private int element(int leading, boolean transposed, int row, int column) {
        return transposed ? place(leading, column, row) : place(leading, row, column);
    }

    private int place(int leading, int row, int column) {
        return product.order() == MatrixOrder.ROWS ? row * leading + column : column * leading + row;
    }
}
