/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import org.amend4j.internal.validation.Checks;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Shortens the gradient of all trained parameters together where its norm is above a limit, as PyTorch's {@code clip_grad_norm_}:
 * Deeplearning4j itself knows limits of layers and of parameters. The gradient is that of a batch's mean loss, without
 * penalties on parameters; limits of layers come afterwards.
 *
 * <p>As a listener of a graph it acts in {@code fit}. {@link PlannedTraining} reads it from the graph's listeners and does the
 * same.
 */
public final class GradientNormLimit extends BaseTrainingListener {

    private final double most;

    /** @param most the largest norm, > 0 and finite */
    public GradientNormLimit(double most) {
        this.most = Checks.positive("the largest norm of a gradient", most);
    }

    /** The largest norm. */
    public double most() {
        return most;
    }

    /** In double: squares of floats overflow. */
    private static double norm(INDArray gradient) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return gradient.castTo(DataType.DOUBLE).norm2Number().doubleValue();
        }
    }

    /** The gradient is a sum over the batch until the updater divides it. */
    @Override
    public void onGradientCalculation(Model model) {
        ComputationGraph graph = (ComputationGraph) model;
        INDArray gradient = graph.getFlattenedGradients();
        double limit = graph.conf().isMiniBatch() ? most * graph.batchSize() : most;
        double norm = norm(gradient);
        if (norm > limit) {
            gradient.muli(limit / norm);
        }
    }
}
