/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.frozen;

import java.util.Optional;
import org.amend4j.model.Configurations;
import org.amend4j.network.FrozenSequences;
import org.amend4j.network.LayerKinds;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Recurrent layers of the base that pass down their input's gradient and compute no other, alone or inside of others, as their
 * {@linkplain org.amend4j.network.LayerKind#frozenSequence kinds} say. All others use Deeplearning4j's own backward pass.
 *
 * @param conf with the outermost stock layer in it
 */
record FrozenRecurrences(NeuralNetConfiguration conf, DataType type) implements FrozenSequences {

    /**
     * The running layer, if its kind has one.
     *
     * @param conf with the stock layer in it
     * @param parameters the base's, as a row or a vector in Deeplearning4j's order
     */
    static Optional<FrozenStock> of(NeuralNetConfiguration conf, INDArray parameters, DataType type) {
        if (!RunningSequences.serves(conf.getLayer())) {
            return Optional.empty();
        }
        Layer running = new FrozenRecurrences(conf, type).inside(conf.getLayer(), parameters);
        if (running instanceof FrozenStock sequence) {
            return Optional.of(sequence);
        }
        return Optional.of(
                running instanceof RecurrentLayer both
                        ? new FrozenBidirectional(both)
                        : new FrozenSequenceWrapper(running));
    }

    @Override
    public Layer inside(org.deeplearning4j.nn.conf.layers.Layer layer, INDArray parameters) {
        return LayerKinds.of(layer).orElseThrow().frozenSequence(this, parameters);
    }

    @Override
    public NeuralNetConfiguration conf(org.deeplearning4j.nn.conf.layers.Layer layer) {
        NeuralNetConfiguration result = Configurations.copy(conf);
        result.setLayer(layer);
        result.clearVariables();
        return result;
    }
}
