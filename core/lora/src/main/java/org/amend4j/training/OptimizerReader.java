/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.amend4j.internal.backend.OptimizerKernels;
import org.amend4j.internal.network.StandsOnBase;
import org.amend4j.internal.network.TiesParameters;
import org.amend4j.internal.network.TiesParameters.Tie;
import org.amend4j.internal.network.Wrappers;
import org.amend4j.internal.training.GradientNormLimit;
import org.amend4j.lora.FrozenBaseLayer;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.training.TrainingRule.NormLimit;
import org.amend4j.training.TrainingRule.Penalty;
import org.amend4j.training.TrainingRule.Range;
import org.amend4j.training.TrainingRule.Rate;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;

/** How a graph was configured to be trained, if a machine can do that. */
final class OptimizerReader {

    private final List<Rate> rates = new ArrayList<>();
    private final List<NormLimit> limits = new ArrayList<>();
    private final List<Penalty> penalties = new ArrayList<>();
    private final List<Tie> ties = new ArrayList<>();
    private Optional<UpdateRule> update = Optional.empty();

    private OptimizerReader() {}

    /** @throws UnsupportedNetworkException naming the layer whose training is configured in a way that a machine does not know */
    static TrainingRule of(ComputationGraph graph) {
        OptimizerReader reader = new OptimizerReader();
        reader.readListeners(graph);
        for (Layer layer : graph.getLayers()) {
            reader.read(layer);
        }
        UpdateRule rule = reader.update.orElseThrow(() ->
                new IllegalArgumentException("training needs something to train, got a graph without parameters"));
        return new TrainingRule(rule, reader.ties, reader.rates(graph.numParams()), reader.limits, reader.penalties);
    }

    /** One where all learn alike. */
    private List<Rate> rates(long parameters) {
        return rates.stream().allMatch(rate -> rate.factor() == 1)
                ? List.of(new Rate(new Range(0, parameters), 1))
                : rates;
    }

    private void read(Layer layer) {
        org.deeplearning4j.nn.conf.layers.Layer conf = layer.conf().getLayer();
        if (layer.numParams() > 0) {
            requirePlainSteps(layer.conf(), conf.getLayerName());
        }
        requirePlainGradients(conf);
        List<Range> ranges = new ArrayList<>();
        layer.paramTable().forEach((key, array) -> {
            String place = "parameter '" + key + "' of layer '" + conf.getLayerName() + "'";
            readUpdate(conf, key, place);
            if (isConstrained(conf)) {
                throw new UnsupportedNetworkException("a plan trains without constraints, but " + place + " has some");
            }
            Range range = new Range(array.offset(), array.length());
            ranges.add(range);
            double factor = conf instanceof FrozenBaseLayer adapted ? adapted.rateFactor(key) : 1;
            rates.add(new Rate(range, factor));
            readPenalty(conf.getRegularizationByParam(key), range, factor, place);
        });
        if (!ranges.isEmpty() && layer.getConfig().getGradientNormalization() != null) {
            readLimits(layer.getConfig(), ranges);
        }
    }

    /** LoRA+ is a matter of rates, which a plan has. */
    private static void requirePlainGradients(org.deeplearning4j.nn.conf.layers.Layer conf) {
        if (conf instanceof FrozenBaseLayer adapted && adapted.factorTraining().preconditions()) {
            throw new UnsupportedNetworkException(
                    "a plan trains factors along their own gradients, but those of layer '"
                            + conf.getLayerName() + "' are preconditioned by "
                            + adapted.factorTraining().method());
        }
    }

    private static void requirePlainSteps(NeuralNetConfiguration conf, String layer) {
        if (!conf.isMiniBatch()) {
            throw new UnsupportedNetworkException(
                    "a plan trains on the mean loss of a batch, but layer '" + layer + "' has miniBatch(false)");
        }
        if (conf.getOptimizationAlgo() != OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT) {
            throw new UnsupportedNetworkException("a plan makes one step along a gradient, but layer '" + layer
                    + "' has " + conf.getOptimizationAlgo());
        }
    }

    /** Itself, or a layer within it; what stands on a base is not moved. */
    private static boolean isConstrained(org.deeplearning4j.nn.conf.layers.Layer conf) {
        return isPresent(conf.getConstraints())
                || (!(conf instanceof StandsOnBase)
                        && Wrappers.inside(conf).stream().anyMatch(OptimizerReader::isConstrained));
    }

    private void readUpdate(org.deeplearning4j.nn.conf.layers.Layer conf, String key, String place) {
        UpdateRule rule = read(
                conf instanceof FrozenBaseLayer adapted ? adapted.getIUpdater() : conf.getUpdaterByParam(key), place);
        if (update.isPresent() && !update.get().equals(rule)) {
            throw new UnsupportedNetworkException("a plan trains everything with one optimizer, but " + place + " has "
                    + rule + " and others have " + update.get());
        }
        update = Optional.of(rule);
    }

    private void readPenalty(@Nullable List<Regularization> regularizations, Range range, double factor, String place) {
        double l2 = 0;
        double decay = 0;
        double byRate = 0;
        for (Regularization each : regularizations == null ? List.<Regularization>of() : regularizations) {
            if (each instanceof L2Regularization ridge) {
                l2 += constant(ridge.getL2(), each, place);
            } else if (each instanceof WeightDecay weight && weight.isApplyLR()) {
                byRate += factor * constant(weight.getCoeff(), each, place);
            } else if (each instanceof WeightDecay weight) {
                decay += constant(weight.getCoeff(), each, place);
            } else {
                throw new UnsupportedNetworkException(
                        "a plan trains with L2 regularisation and weight decay, but " + place + " has " + each);
            }
        }
        if (l2 != 0 || decay != 0 || byRate != 0) {
            penalties.add(new Penalty(range, l2, decay, byRate));
        }
    }

    private static double constant(ISchedule coefficient, Regularization regularization, String place) {
        if (!(coefficient instanceof FixedSchedule)) {
            throw new UnsupportedNetworkException(
                    "a plan regularises every step alike, but " + place + " has " + regularization);
        }
        return coefficient.valueAt(0, 0);
    }

    /** They come first, as in {@code fit}, whose listeners see the gradient before the updater does. */
    private void readListeners(ComputationGraph graph) {
        Range all = new Range(0, graph.numParams());
        for (TrainingListener listener : graph.getListeners()) {
            if (listener instanceof TiesParameters tying) {
                if (!limits.isEmpty()) {
                    throw new UnsupportedNetworkException(
                            "a plan limits the norm of tied parameters' gradient, but the graph's listener that limits it"
                                    + " comes before the one that ties: add it behind");
                }
                ties.add(tying.tie(graph));
            }
            if (listener instanceof GradientNormLimit limit) {
                limits.add(new NormLimit(all, limit.most()));
            }
        }
    }

    /** A layer's parameters lie one after the other. */
    private void readLimits(TrainingConfig layer, List<Range> ranges) {
        double most = layer.getGradientNormalizationThreshold();
        switch (layer.getGradientNormalization()) {
            case None -> {}
            case ClipL2PerParamType -> ranges.forEach(range -> limits.add(new NormLimit(range, most)));
            case ClipL2PerLayer -> {
                long length = ranges.stream().mapToLong(Range::length).sum();
                limits.add(new NormLimit(new Range(ranges.get(0).offset(), length), most));
            }
            default ->
                throw new UnsupportedNetworkException("a plan clips gradients per layer or parameter, but layer '"
                        + layer.getLayerName() + "' has " + layer.getGradientNormalization());
        }
    }

    private static boolean isPresent(@Nullable Collection<?> list) {
        return list != null && !list.isEmpty();
    }

    private static UpdateRule read(IUpdater updater, String place) {
        if (updater instanceof Sgd sgd) {
            return new UpdateRule.Sgd(rate(sgd.getLearningRate(), sgd.getLearningRateSchedule()));
        }
        if (updater instanceof Adam adam && (updater instanceof TorchAdam || updater.getClass() == Adam.class)) {
            return new UpdateRule.Adam(
                    rate(adam.getLearningRate(), adam.getLearningRateSchedule()),
                    new OptimizerKernels.Adam(
                            adam.getBeta1(), adam.getBeta2(), adam.getEpsilon(), updater instanceof TorchAdam));
        }
        throw new UnsupportedNetworkException("a plan trains with SGD or Adam, but " + place + " has " + updater);
    }

    private static LearningRate rate(double constant, @Nullable ISchedule schedule) {
        return schedule == null ? LearningRate.constant(constant) : LearningRate.of(schedule);
    }
}
