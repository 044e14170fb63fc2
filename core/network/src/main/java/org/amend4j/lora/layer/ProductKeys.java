/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.layer;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.lora.layer.LoraProduct.Gradients;
import org.amend4j.lora.layer.Trained.Adapter;
import org.amend4j.lora.layer.Trained.Vectors;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Under which keys a layer has what trains in its product with rows.
 *
 * @param factors of an adapter, if it has one
 * @param magnitude DoRA's, only with factors
 * @param trueGradient whether the norms under a magnitude are differentiated
 * @param bias stands for the base's
 * @param biasOnB only with factors
 */
public record ProductKeys(
        Optional<Factors> factors,
        Optional<String> magnitude,
        boolean trueGradient,
        Optional<String> bias,
        Optional<String> biasOnB) {

    /**
     * Keys of A and B, and what is computed with them.
     *
     * @param scaling s
     * @param dropout probability with which an input of A is dropped in training
     */
    public record Factors(String a, String b, double scaling, double dropout) {}

    /** What trains. */
    Trained trained(Map<String, INDArray> parameters) {
        return new Trained(
                factors.map(of -> Adapter.of(
                        require(parameters, of.a()), require(parameters, of.b()), of.scaling(), of.dropout())),
                vectors(parameters),
                trueGradient);
    }

    /** Where its gradients go. */
    Gradients gradients(Map<String, INDArray> views) {
        return new Gradients(
                factors.map(of -> new Gradients.Factors(require(views, of.a()), require(views, of.b()))),
                vectors(views));
    }

    private Vectors vectors(Map<String, INDArray> arrays) {
        return new Vectors(
                magnitude.map(key -> require(arrays, key)),
                bias.map(key -> require(arrays, key)),
                biasOnB.map(key -> require(arrays, key)));
    }

    private static INDArray require(Map<String, INDArray> arrays, String key) {
        return Objects.requireNonNull(arrays.get(key), key);
    }
}
