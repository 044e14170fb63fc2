/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

import org.amend4j.backend.ProductPrecision;

/** Cards by their data sheets (docs/cuda.md has the sources). Peaks are those of dense factors: without structured sparsity. */
public enum Card {
    H100("H100 SXM5 80 GB", 67, 494.7, 989.4, 3350),
    H200("H200 SXM 141 GB", 67, 494.7, 989.4, 4800),
    A100("A100 SXM4 80 GB", 19.5, 156, 312, 2039),
    RTX4090("GeForce RTX 4090", 82.6, 82.6, 165.2, 1008);

    private final String title;
    private final double fp32;
    private final double tf32;
    private final double bf16;
    private final double gigabytes;

    Card(String title, double fp32, double tf32, double bf16, double gigabytes) {
        this.title = title;
        this.fp32 = fp32;
        this.tf32 = tf32;
        this.bf16 = bf16;
        this.gigabytes = gigabytes;
    }

    /** What its maker calls it. */
    public String title() {
        return title;
    }

    /** Peak of matrix products with sums in single precision, in TFLOP/s. */
    public double teraflops(ProductPrecision precision) {
        return switch (precision) {
            case FP32 -> fp32;
            case TF32 -> tf32;
            case BF16 -> bf16;
        };
    }

    /** Bandwidth of its memory, in GB/s (10⁹). */
    public double gigabytes() {
        return gigabytes;
    }
}
