/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A bias of the base that an adapter has trained. The array is not copied.
 *
 * @param vertex name of the vertex that has it
 * @param parameter Deeplearning4j's key of it there
 * @param torch whether PyTorch's module has the same as its {@code bias}; false where there are several, as in an LSTM
 * @param values all of it, a vector: [n] or [1, n], FLOAT or DOUBLE
 */
public record TrainedBias(String vertex, String parameter, boolean torch, INDArray values) {

    /** @throws IllegalArgumentException if it is no vector */
    public TrainedBias {
        Checks.name("the vertex of a trained bias", vertex);
        Checks.name("the parameter of the trained bias of '" + vertex + "'", parameter);
        ArrayChecks.floating("the trained bias of '" + vertex + "'", values);
        StoredTensor.ofBias(vertex, parameter, torch, false, ArrayChecks.shape(values));
    }
}
