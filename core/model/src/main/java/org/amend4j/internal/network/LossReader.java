/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Optional;
import org.amend4j.internal.network.Operation.LossKind;
import org.amend4j.model.UnsupportedNetworkException;
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
        OutputLoss known = known(loss, activation)
                .orElseThrow(() -> UnsupportedNetworkException.vertex(
                        vertex,
                        "has the loss " + loss + " with the activation function " + activation
                                + "; cross-entropy with softmax or sigmoid and squared errors are known"));
        if (known.weights().isPresent()) {
            throw UnsupportedNetworkException.vertex(vertex, "has a loss with weights for its columns");
        }
        return known.kind();
    }

    /** The loss on this activation, if it is one that is known. */
    static Optional<OutputLoss> known(ILossFunction loss, IActivation activation) {
        Class<?> type = loss.getClass();
        if ((type == LossMCXENT.class || type == LossNegativeLogLikelihood.class)
                && activation.getClass() == ActivationSoftmax.class) {
            return known(LossKind.SOFTMAX_CROSS_ENTROPY, ((LossMCXENT) loss).getWeights(), 0);
        }
        if (type == LossBinaryXENT.class && activation.getClass() == ActivationSigmoid.class) {
            LossBinaryXENT binary = (LossBinaryXENT) loss;
            return known(LossKind.SIGMOID_CROSS_ENTROPY, binary.getWeights(), binary.getClipEps());
        }
        if (type == LossMSE.class || type == LossL2.class) {
            LossKind kind = type == LossMSE.class ? LossKind.MEAN_SQUARED_ERROR : LossKind.SQUARED_ERROR;
            return known(kind, ((LossL2) loss).getWeights(), 0);
        }
        return Optional.empty();
    }

    private static Optional<OutputLoss> known(LossKind kind, @Nullable INDArray weights, double clip) {
        return Optional.of(new OutputLoss(kind, Optional.ofNullable(weights), clip));
    }
}
