/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Optional;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Softmax with unweighted cross entropy, the usual output: {@code −Σ y log p} and its derivative {@code p − y} from one
 * softmax. Deeplearning4j computes the same numbers, the softmax once for each of them.
 *
 * @param clip probabilities below it, and those above one minus it, count as that much in the logarithm; 0 for no bounds
 */
record SoftmaxEntropy(double clip) {

    /** The loss, if it is this one. Exact classes: a subclass may compute something else. */
    static Optional<SoftmaxEntropy> of(ILossFunction loss, IActivation activation) {
        boolean entropy = loss.getClass() == LossMCXENT.class || loss.getClass() == LossNegativeLogLikelihood.class;
        return entropy && activation.getClass() == ActivationSoftmax.class && ((LossMCXENT) loss).getWeights() == null
                ? Optional.of(new SoftmaxEntropy(((LossMCXENT) loss).getSoftmaxClipEps()))
                : Optional.empty();
    }

    /** Whether labels and mask are the plain ones; everything else, mistakes included, is Deeplearning4j's. */
    static boolean fits(INDArray labels, INDArray z, @Nullable INDArray mask) {
        return mask == null && labels.equalShapes(z) && labels.dataType() == z.dataType();
    }

    /**
     * The derivative at the pre-activations.
     *
     * @param p probabilities, [n, classes]; only read
     * @return {@code p − y} in working memory
     */
    INDArray gradient(INDArray labels, INDArray p, LayerWorkspaceMgr workspaces) {
        INDArray result =
                workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, p.dataType(), p.shape(), labels.ordering());
        return p.subi(labels, result);
    }

    /**
     * The loss, summed over rows.
     *
     * @param p probabilities, [n, classes]; overwritten
     */
    double score(INDArray labels, INDArray p) {
        if (clip > 0) {
            ActivationPass.atLeast(p, clip);
            double most = p.dataType() == DataType.DOUBLE ? 1 - clip : (float) (1 - clip);
            if (most < 1) {
                ActivationPass.atLeast(p.negi(), -most).negi();
            }
        }
        return -Transforms.log(p, false).muli(labels).sumNumber().doubleValue();
    }
}
