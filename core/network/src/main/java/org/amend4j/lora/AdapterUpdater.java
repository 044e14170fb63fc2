/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Deeplearning4j's updater without its superfluous work: a block of parameters without regularization is not cut into
 * views, twice per parameter and step, just to find that out. Updates and state are the same to the last bit; a clone or a
 * loaded graph has Deeplearning4j's own until it is attached again. Which parameters have a penalty is read once, when the
 * updater is made.
 */
final class AdapterUpdater extends ComputationGraphUpdater {

    /** Gives a graph that has not trained yet its updater. */
    static void install(ComputationGraph graph) {
        graph.setUpdater(new AdapterUpdater(graph));
    }

    private AdapterUpdater(ComputationGraph graph) {
        super(graph);
        updaterBlocks.replaceAll(AdapterUpdater::lean);
    }

    private static UpdaterBlock lean(UpdaterBlock block) {
        boolean regularized = block.getLayersAndVariablesInBlock().stream().anyMatch(AdapterUpdater::isRegularized);
        return regularized ? block : new Unregularized(block);
    }

    private static boolean isRegularized(UpdaterBlock.ParamState parameter) {
        Trainable layer = parameter.getLayer();
        var regularization = layer.getConfig().getRegularizationByParam(parameter.getParamName());
        return regularization != null && !regularization.isEmpty();
    }

    private static final class Unregularized extends UpdaterBlock {

        Unregularized(UpdaterBlock block) {
            super(
                    block.getParamOffsetStart(),
                    block.getParamOffsetEnd(),
                    block.getUpdaterViewOffsetStart(),
                    block.getUpdaterViewOffsetEnd(),
                    block.getLayersAndVariablesInBlock());
            setUpdaterView(block.getUpdaterView());
            setGradientView(block.getGradientView());
            setUpdaterViewRequiresInitialization(block.isUpdaterViewRequiresInitialization());
            setGradientUpdater(block.getGradientUpdater());
        }

        @Override
        protected void applyRegularizationAllVariables(
                Regularization.ApplyStep step,
                int iteration,
                int epoch,
                boolean external,
                INDArray gradients,
                INDArray parameters) {}
    }
}
