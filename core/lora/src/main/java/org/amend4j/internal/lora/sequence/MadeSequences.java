/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.network.FrozenSequences;
import org.amend4j.internal.network.LayerKinds;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Layers of the base over sequences that pass down their input's gradient and compute no other, alone or inside of others, as their
 * {@linkplain org.amend4j.internal.network.LayerKind#frozenSequence kinds} say. All others use Deeplearning4j's own backward pass.
 *
 * @param conf with the outermost stock layer in it
 * @param made those that were made, in order
 */
record MadeSequences(NeuralNetConfiguration conf, DataType type, List<ShowingStock> made) implements FrozenSequences {

    MadeSequences(NeuralNetConfiguration conf, DataType type) {
        this(conf, type, new ArrayList<>());
    }

    /**
     * The running layer, if its kind has one.
     *
     * @param conf with the stock layer in it
     * @param parameters the base's, as a row or a vector in Deeplearning4j's order
     */
    static Optional<FrozenStock> of(NeuralNetConfiguration conf, INDArray parameters, DataType type) {
        return RunningSequences.serves(conf.getLayer())
                ? Optional.of(new MadeSequences(conf, type).running(parameters))
                : Optional.empty();
    }

    /** The running layer; what it is made of is in {@code made} then, in the order of its parameters. */
    FrozenStock running(INDArray parameters) {
        Layer running = inside(conf.getLayer(), parameters);
        if (running instanceof FrozenStock sequence) {
            return sequence;
        }
        return running instanceof RecurrentLayer both
                ? new FrozenBidirectional(both)
                : new FrozenSequenceWrapper(running);
    }

    @Override
    public Layer inside(org.deeplearning4j.nn.conf.layers.Layer layer, INDArray parameters) {
        Layer running = LayerKinds.of(layer).orElseThrow().frozenSequence(this, parameters);
        if (running instanceof ShowingStock sequence) {
            made.add(sequence);
        }
        return running;
    }

    @Override
    public NeuralNetConfiguration conf(org.deeplearning4j.nn.conf.layers.Layer layer) {
        NeuralNetConfiguration result = Configurations.copy(conf);
        result.setLayer(layer);
        result.clearVariables();
        return result;
    }
}
