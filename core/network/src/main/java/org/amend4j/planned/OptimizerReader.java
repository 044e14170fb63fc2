/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.planned;

import java.util.Collection;
import java.util.Optional;
import org.amend4j.machine.OptimizerKernels;
import org.amend4j.network.UnsupportedNetworkException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;

/** The optimizer a graph was configured with, if a machine has it. */
final class OptimizerReader {

    private OptimizerReader() {}

    /** @throws IllegalArgumentException naming the layer whose training is configured in a way that a machine does not know */
    static UpdateRule of(ComputationGraph graph) {
        Optional<UpdateRule> common = Optional.empty();
        for (Layer layer : graph.getLayers()) {
            org.deeplearning4j.nn.conf.layers.Layer conf = layer.conf().getLayer();
            for (String key : layer.paramTable().keySet()) {
                String place = "parameter '" + key + "' of layer '" + conf.getLayerName() + "'";
                requirePlain(conf, key, place);
                UpdateRule optimizer = read(conf.getUpdaterByParam(key), place);
                if (common.isPresent() && !common.get().equals(optimizer)) {
                    throw new UnsupportedNetworkException("a plan trains everything with one optimizer, but " + place
                            + " has " + optimizer + " and others have " + common.get());
                }
                common = Optional.of(optimizer);
            }
        }
        return common.orElseThrow(() ->
                new IllegalArgumentException("training needs something to train, got a graph without parameters"));
    }

    private static void requirePlain(org.deeplearning4j.nn.conf.layers.Layer conf, String key, String place) {
        if (isPresent(conf.getRegularizationByParam(key))) {
            throw new UnsupportedNetworkException("a plan trains without regularisation, but " + place + " has "
                    + conf.getRegularizationByParam(key));
        }
        if (isPresent(conf.getConstraints())) {
            throw new UnsupportedNetworkException("a plan trains without constraints, but " + place + " has some");
        }
        if (conf instanceof BaseLayer base
                && base.getGradientNormalization() != null
                && base.getGradientNormalization() != GradientNormalization.None) {
            throw new UnsupportedNetworkException("a plan trains without gradient normalisation, but " + place + " has "
                    + base.getGradientNormalization());
        }
    }

    private static boolean isPresent(@Nullable Collection<?> list) {
        return list != null && !list.isEmpty();
    }

    private static UpdateRule read(IUpdater updater, String place) {
        if (updater instanceof Sgd sgd) {
            return new UpdateRule.Sgd(rate(sgd.getLearningRate(), sgd.getLearningRateSchedule()));
        }
        if (updater.getClass() == Adam.class) {
            Adam adam = (Adam) updater;
            return new UpdateRule.Adam(
                    rate(adam.getLearningRate(), adam.getLearningRateSchedule()),
                    new OptimizerKernels.Adam(adam.getBeta1(), adam.getBeta2(), adam.getEpsilon()));
        }
        throw new UnsupportedNetworkException("a plan trains with SGD or Adam, but " + place + " has " + updater);
    }

    private static LearningRate rate(double constant, @Nullable ISchedule schedule) {
        return schedule == null ? LearningRate.constant(constant) : LearningRate.of(schedule);
    }
}
