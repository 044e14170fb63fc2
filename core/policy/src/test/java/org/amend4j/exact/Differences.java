/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import java.util.function.DoubleFunction;
import org.amend4j.numeric.Matrices;

/** Derivatives by differences of fourth order. */
final class Differences {

    private Differences() {}

    /** f'(0) ≈ (8(f(h) - f(-h)) - (f(2h) - f(-2h)))/12h, off by h⁴/30·f⁗' and about 1.5·u·|f|/h. */
    static double[] of(DoubleFunction<double[]> f, double h) {
        double[] result = new double[f.apply(0).length];
        Matrices.add(8, f.apply(h), result);
        Matrices.add(-8, f.apply(-h), result);
        Matrices.add(-1, f.apply(2 * h), result);
        Matrices.add(1, f.apply(-2 * h), result);
        for (int i = 0; i < result.length; i++) {
            result[i] /= 12 * h;
        }
        return result;
    }
}
