/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The examples' losses that a backward pass has found, for the score that Deeplearning4j asks for right after it; once. */
final class FoundLosses {

    private @Nullable INDArray x;
    private @Nullable INDArray labels;
    private double[] losses = {};

    void keep(INDArray ofInputs, INDArray ofLabels, double[] found) {
        x = ofInputs;
        labels = ofLabels;
        losses = found;
    }

    /** Those of these inputs and labels, if they were the last. */
    @SuppressWarnings("ReferenceEquality") // arrays are the same, or others
    Optional<double[]> take(INDArray ofInputs, INDArray ofLabels) {
        Optional<double[]> found = x == ofInputs && labels == ofLabels ? Optional.of(losses) : Optional.empty();
        forget();
        return found;
    }

    void forget() {
        x = null;
        labels = null;
        losses = new double[0];
    }
}
