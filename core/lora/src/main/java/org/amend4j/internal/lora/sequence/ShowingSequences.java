/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A recurrent layer or an attention, or one around such, on somebody's weights, whose backward pass shows what their gradients are made of and forms
 * none of them.
 */
public final class ShowingSequences {

    private final FrozenStock running;
    private final List<ShowingStock> parts;

    private ShowingSequences(FrozenStock running, List<ShowingStock> parts) {
        this.running = running;
        this.parts = List.copyOf(parts);
    }

    /**
     * Such a layer, if its kind has one.
     *
     * @param conf with the stock layer in it
     * @param parameters the weights, a vector in Deeplearning4j's order; read in every pass
     * @param inputWanted whether the input's gradient is handed down
     */
    public static Optional<ShowingSequences> of(
            NeuralNetConfiguration conf, INDArray parameters, DataType type, boolean inputWanted) {
        if (!RunningSequences.serves(conf.getLayer())) {
            return Optional.empty();
        }
        MadeSequences all = new MadeSequences(conf, type);
        FrozenStock running = all.running(parameters);
        List<ShowingStock> parts = all.made();
        boolean added =
                parts.size() > 1; // Deeplearning4j adds the inputs' gradients of the two directions, wanted or not
        parts.forEach(part -> part.show(inputWanted || added));
        return Optional.of(new ShowingSequences(running, parts));
    }

    /** The running layer. */
    public Layer running() {
        return running;
    }

    /** What the last backward pass showed, weight by weight in the order of the parameters. */
    public List<WeightRows> rows() {
        return parts.stream().flatMap(part -> part.shown().stream()).toList();
    }

    /** The rows whose sum is each bias' gradient, in the order of the parameters. */
    public List<INDArray> rowsOfBiases() {
        return parts.stream().flatMap(part -> part.shownOfBiases().stream()).toList();
    }
}
