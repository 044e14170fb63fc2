/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.lora.CarriesAdapters;
import org.amend4j.internal.lora.gradient.FactorPreconditioner;
import org.amend4j.lora.config.FactorTraining;
import org.amend4j.lora.config.WeightAdapter;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Deeplearning4j's updater, which {@linkplain FactorTraining.Method preconditions} the gradients of factors if they are trained
 * so, and without its superfluous work: a block of parameters without regularization is not cut into
 * views, twice per parameter and step, just to find that out. Updates and state are the same to the last bit; a clone or a
 * loaded graph has Deeplearning4j's own until it is attached again, and preconditions nothing. Which parameters have a penalty is read once, when the
 * updater is made.
 */
final class AdapterUpdater extends ComputationGraphUpdater {

    /** Gives a graph that has not trained yet its updater. */
    static void install(ComputationGraph graph) {
        graph.setUpdater(new AdapterUpdater(graph));
    }

    /** A preconditioner, and the adapted layer or vertex whose gradients it overwrites. */
    private record Preconditioned(FactorPreconditioner by, CarriesAdapters carrier, Trainable running) {

        void overwrite() {
            Map<String, INDArray> factors = running.paramTable(true);
            Map<String, INDArray> gradients = FactorInitializer.cut(carrier, running.getGradientsViewArray());
            for (WeightAdapter one : carrier.adapters()) {
                String a = one.weight().keyOfA();
                String b = one.weight().keyOfB();
                by.preconditionInPlace(
                        require(factors, a),
                        require(factors, b),
                        require(gradients, a),
                        require(gradients, b),
                        one.adapter().scaling());
            }
        }

        private static INDArray require(Map<String, INDArray> table, String key) {
            return Objects.requireNonNull(table.get(key), key);
        }
    }

    private final List<Preconditioned> preconditioned = new ArrayList<>();

    private AdapterUpdater(ComputationGraph graph) {
        super(graph);
        for (GraphVertex vertex : graph.getVertices()) {
            Trainable running = vertex.hasLayer() ? vertex.getLayer() : vertex;
            if (running.getConfig() instanceof FrozenBaseLayer conf && conf instanceof CarriesAdapters carrier) {
                FactorRates.preconditioner(conf.factorTraining())
                        .ifPresent(by -> preconditioned.add(new Preconditioned(by, carrier, running)));
            }
        }
        updaterBlocks.replaceAll(AdapterUpdater::lean);
    }

    @Override
    public synchronized void update(
            Gradient gradient, int iteration, int epoch, int batchSize, LayerWorkspaceMgr workspaces) {
        preconditioned.forEach(Preconditioned::overwrite);
        super.update(gradient, iteration, epoch, batchSize, workspaces);
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
