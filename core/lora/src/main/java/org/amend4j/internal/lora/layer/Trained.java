/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.network.ProductKeys;
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

    /** What a layer has under its keys. */
    static Trained of(ProductKeys keys, Map<String, INDArray> parameters) {
        return new Trained(
                keys.factors()
                        .map(of -> Adapter.of(
                                require(parameters, of.a()), require(parameters, of.b()), of.scaling(), of.dropout())),
                Vectors.of(keys, parameters),
                keys.trueGradient());
    }

    static INDArray require(Map<String, INDArray> arrays, String key) {
        return Objects.requireNonNull(arrays.get(key), key);
    }

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

        static Vectors of(ProductKeys keys, Map<String, INDArray> arrays) {
            return new Vectors(
                    keys.magnitude().map(key -> require(arrays, key)),
                    keys.bias().map(key -> require(arrays, key)),
                    keys.biasOnB().map(key -> require(arrays, key)));
        }
    }
}
