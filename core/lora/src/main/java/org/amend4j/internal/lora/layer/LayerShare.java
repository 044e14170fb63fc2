/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a layer computes with on some consecutive examples of a batch. Its arrays are read each time it computes.
 *
 * @param examples how many, where a batch has several shares; where it has one, that is for all of it
 * @param trained the layer's own parameters in place of the base's, by Deeplearning4j's keys and in the base's shapes and orders;
 *     empty for the base's
 * @param terms added to the weight; none for the layer without adapters
 * @param beside vectors beside the only term, if there are any
 */
public record LayerShare(long examples, Map<String, INDArray> trained, List<Term> terms, Beside beside) {

    /**
     * Copies map and list.
     *
     * @throws IllegalArgumentException if there are vectors beside several terms
     */
    public LayerShare {
        trained = Checks.ordered("the trained parameters", trained);
        terms = List.copyOf(terms);
        if (terms.size() > 1 && !beside.equals(Beside.NONE)) {
            throw new IllegalArgumentException("vectors must stand beside one term, got " + terms.size());
        }
    }

    /**
     * Vectors of an adapter's scheme, [1, columns] each, in the layer's type.
     *
     * @param magnitude DoRA's m; only with a term
     * @param bias stands for the base's
     * @param biasOnB added to the bias, times the term's scaling; only with a term
     */
    public record Beside(Optional<INDArray> magnitude, Optional<INDArray> bias, Optional<INDArray> biasOnB) {

        /** None. */
        public static final Beside NONE = new Beside(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** What trains in the layer's product with rows, as if it were its own. */
    Trained product() {
        return new Trained(
                terms.stream().findFirst().map(Term::adapter),
                new Trained.Vectors(beside.magnitude(), beside.bias(), beside.biasOnB()),
                false);
    }

    /**
     * {@code scaling·A·B}.
     *
     * @param a [rows, rank], in the layer's type
     * @param b [rank, columns]
     */
    public record Term(INDArray a, INDArray b, double scaling) {

        Trained.Adapter adapter() {
            return Trained.Adapter.of(a, b, scaling, 0);
        }
    }
}
