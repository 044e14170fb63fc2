/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.layer;

import java.util.List;
import java.util.Map;
import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a layer computes with on some consecutive examples of a batch. Its arrays are read each time it computes.
 *
 * @param examples how many, where a batch has several shares; where it has one, that is for all of it
 * @param trained the layer's own parameters in place of the base's, by Deeplearning4j's keys and in the base's shapes and orders;
 *     empty for the base's
 * @param terms added to the weight; none for the layer without adapters
 */
public record LayerShare(long examples, Map<String, INDArray> trained, List<Term> terms) {

    /** Copies map and list. */
    public LayerShare {
        trained = Checks.ordered("the trained parameters", trained);
        terms = List.copyOf(terms);
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
