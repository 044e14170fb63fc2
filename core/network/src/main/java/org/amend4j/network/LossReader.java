/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import org.amend4j.network.Operation.LossKind;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;

/** Deeplearning4j's losses as the kernels know them. */
final class LossReader {

    private LossReader() {}

    /** @throws IllegalArgumentException if no kernel has the loss with this activation */
    static LossKind read(String vertex, ILossFunction loss, IActivation activation) {
        Class<?> type = loss.getClass();
        if ((type == LossMCXENT.class || type == LossNegativeLogLikelihood.class)
                && activation.getClass() == ActivationSoftmax.class) {
            unweighted(vertex, ((LossMCXENT) loss).getWeights());
            return LossKind.SOFTMAX_CROSS_ENTROPY;
        }
        if (type == LossBinaryXENT.class && activation.getClass() == ActivationSigmoid.class) {
            unweighted(vertex, ((LossBinaryXENT) loss).getWeights());
            return LossKind.SIGMOID_CROSS_ENTROPY;
        }
        if (type == LossMSE.class || type == LossL2.class) {
            unweighted(vertex, ((LossL2) loss).getWeights());
            return type == LossMSE.class ? LossKind.MEAN_SQUARED_ERROR : LossKind.SQUARED_ERROR;
        }
        throw UnsupportedNetworkException.vertex(
                vertex,
                "has the loss " + loss + " with the activation function " + activation
                        + "; cross-entropy with softmax or sigmoid and squared errors are known");
    }

    private static void unweighted(String vertex, @Nullable INDArray weights) {
        if (weights != null) {
            throw UnsupportedNetworkException.vertex(vertex, "has a loss with weights for its columns");
        }
    }
}
