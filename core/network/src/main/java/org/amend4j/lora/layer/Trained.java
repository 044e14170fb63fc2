/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.layer;

import java.util.Optional;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What trains in a {@link LoraProduct} whose weight does not.
 *
 * @param adapter factors of the weight
 * @param vectors beside them; a magnitude and a bias on B only with factors
 * @param trueGradient whether the norms under a magnitude are differentiated; as in PEFT they are constants otherwise
 */
record Trained(Optional<Adapter> adapter, Vectors vectors, boolean trueGradient) {

    /** Nothing. */
    static final Trained NONE = of(Optional.empty());

    /** Factors alone, if at all. */
    static Trained of(Optional<Adapter> adapter) {
        return new Trained(adapter, Vectors.NONE, false);
    }

    /** Factors, their scale and what drops their input. */
    record Adapter(
            INDArray a,
            INDArray b,
            double scaling,
            @Nullable Dropout dropout) {
        /** @param dropout probability with which an input of A is dropped in training */
        static Adapter of(INDArray a, INDArray b, double scaling, double dropout) {
            return new Adapter(a, b, scaling, dropout > 0 ? new Dropout(1 - dropout) : null);
        }
    }

    /**
     * Vectors, [1, columns] each, or their gradients.
     *
     * @param magnitude DoRA's m
     * @param bias stands for the base's
     * @param biasOnB added to the bias, times s
     */
    record Vectors(Optional<INDArray> magnitude, Optional<INDArray> bias, Optional<INDArray> biasOnB) {
        static final Vectors NONE = new Vectors(Optional.empty(), Optional.empty(), Optional.empty());
    }
}
