/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.samediff.AbstractSameDiffLayer;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.learning.regularization.Regularization;

/** Deeplearning4j's fine-tune configurations, applied to a layer without what goes wrong when Deeplearning4j does it alone. */
public final class FineTuning {

    private FineTuning() {}

    /**
     * Applies the training configuration; lists are copied, since Deeplearning4j would share them between layers.
     *
     * @throws IllegalArgumentException if the layer has no updater then
     */
    public static void apply(FineTuneConfiguration training, NeuralNetConfiguration conf) {
        applyLists(training, conf);
        if (conf.getLayer() instanceof AbstractSameDiffLayer layer && training.getUpdater() != null) {
            layer.setUpdater(training.getUpdater()); // Deeplearning4j only looks at layers of its other kind
        }
        if (conf.getLayer() instanceof BaseLayer layer) {
            layer.setRegularization(copy(layer.getRegularization()));
            layer.setRegularizationBias(copy(layer.getRegularizationBias()));
            if (layer.getIUpdater() == null) {
                throw new IllegalArgumentException(
                        "no updater for layer '" + layer.getLayerName() + "': set one in the fine-tune configuration");
            }
        }
    }

    /** Deeplearning4j adds a weight decay of biases to the list that it is going through: it gets one that allows that. */
    private static void applyLists(FineTuneConfiguration training, NeuralNetConfiguration conf) {
        List<Regularization> ofBiases = training.getRegularizationBias();
        if (ofBiases == null) {
            training.applyToNeuralNetConfiguration(conf);
            return;
        }
        training.setRegularizationBias(new CopyOnWriteArrayList<>(ofBiases));
        try {
            training.applyToNeuralNetConfiguration(conf);
        } finally {
            training.setRegularizationBias(ofBiases);
        }
    }

    /** Without the second weight decay that Deeplearning4j adds to a list that holds it already, so that it would count twice. */
    private static <T> List<T> copy(Collection<T> list) {
        return list == null ? new ArrayList<>() : new ArrayList<>(new LinkedHashSet<>(list));
    }
}
