/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;
import org.amend4j.objective.blocks.BlockSum;

/** A block's sum on its way to the driver. */
record BlockAnswer(long block, double value, double[] gradient, double[] weightGradientNorms) implements Serializable {

    static BlockAnswer of(long block, BlockSum sum) {
        return new BlockAnswer(block, sum.value(), sum.gradient(), sum.weightGradientNorms());
    }

    BlockSum sum() {
        return new BlockSum(value, gradient, weightGradientNorms);
    }
}
