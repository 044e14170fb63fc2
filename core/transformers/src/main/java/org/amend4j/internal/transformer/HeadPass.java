/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Arrays;
import java.util.Optional;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a running head computes, whether it trains or stands on a base.
 *
 * @param head what it computes with its parameters
 * @param x [positions, d]
 * @param found what a backward pass hands to the score after it
 */
record HeadPass(HeadWork head, INDArray x, FoundLosses found) {

    /** Masks are features of tokens here, and labels that count for nothing are negative: Deeplearning4j's would be a second truth. */
    static void refuseMask(@Nullable INDArray mask, String layer) {
        if (mask != null) {
            throw new IllegalArgumentException("layer '" + layer
                    + "' takes no mask: padding is marked by the second feature of tokens, and by negative labels");
        }
    }

    INDArray logits(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray logits = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, x.dataType(), new long[] {x.size(0), head.vocabulary()}, 'f');
        head.logits(x, logits, training);
        return logits;
    }

    /** The derivative at x, if it is needed; writes those at what trains of the head. */
    Optional<INDArray> backward(@Nullable INDArray labels, boolean needsInput, LayerWorkspaceMgr workspaces) {
        Optional<INDArray> dx = needsInput
                ? Optional.of(workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape(), 'c'))
                : Optional.empty();
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            found.keep(x, given(labels), losses(given(labels), Optional.of(new TokenLoss.Derivatives(dx))));
        }
        return dx;
    }

    /** The mean loss of the examples. */
    double score(@Nullable INDArray labels) {
        return Arrays.stream(losses(labels)).average().orElseThrow();
    }

    /** The losses of the examples, [examples, 1]; outside of workspaces, since Deeplearning4j closes its own before it copies them. */
    INDArray scores(@Nullable INDArray labels, double regularization) {
        double[] losses = losses(labels);
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            INDArray column =
                    Nd4j.createFromArray(losses).reshape(losses.length, 1).addi(regularization);
            return column.castTo(x.dataType());
        }
    }

    private double[] losses(@Nullable INDArray labels) {
        return found.take(x, given(labels)).orElseGet(() -> {
            try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                return losses(given(labels), Optional.empty());
            }
        });
    }

    private double[] losses(INDArray labels, Optional<TokenLoss.Derivatives> to) {
        return TokenLoss.of(labels, head.vocabulary(), x).losses(x, head, (int) labels.size(0), to);
    }

    private static INDArray given(@Nullable INDArray labels) {
        if (labels == null) {
            throw new IllegalStateException("a language model's head needs labels for its loss: set them first");
        }
        return labels;
    }
}
