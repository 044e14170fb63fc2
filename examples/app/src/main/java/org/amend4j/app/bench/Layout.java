/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

/**
 * Which factor of a product is transposed, as BLAS says it of matrices that lie by columns: the first letter is the first factor's,
 * T for transposed. Cards compute the three at different speeds, and training a layer needs all of them.
 */
enum Layout {
    /** Outputs from inputs: the weights lie output by output. */
    TN(true, false),
    /** The gradient of inputs from that of outputs. */
    NN(false, false),
    /** The gradient of weights. */
    NT(false, true);

    private final boolean transposeA;
    private final boolean transposeB;

    Layout(boolean transposeA, boolean transposeB) {
        this.transposeA = transposeA;
        this.transposeB = transposeB;
    }

    boolean transposeA() {
        return transposeA;
    }

    boolean transposeB() {
        return transposeB;
    }
}
