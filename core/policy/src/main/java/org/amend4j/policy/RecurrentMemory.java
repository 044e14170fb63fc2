/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.amend4j.graph.ParameterVectors;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the recurrent layers of a graph remember of several sequences, kept outside of the graph. */
final class RecurrentMemory {

    /** State of one layer under Deeplearning4j's name, [rows · width]. */
    private record Key(int layer, String name) {}

    private final List<RecurrentLayer> layers;
    private final DataType type;
    private final int rows;
    private final boolean[] begun;
    private final Map<Key, double[]> states = new HashMap<>();

    RecurrentMemory(ComputationGraph graph, int rows) {
        this.layers = Stream.of(graph.getLayers())
                .filter(RecurrentLayer.class::isInstance)
                .map(RecurrentLayer.class::cast)
                .toList();
        this.type = graph.params().dataType();
        this.rows = rows;
        this.begun = new boolean[rows];
    }

    /** Gives the layers the memories of some sequences; an empty one to those that begin. */
    void restore(int[] sequences, boolean[] begins) {
        requireSequences(sequences, begins);
        Map<Integer, Map<String, INDArray>> byLayer = new HashMap<>();
        states.forEach((key, state) -> {
            int width = state.length / rows;
            double[] some = new double[sequences.length * width];
            for (int k = 0; k < sequences.length; k++) {
                if (!begins[k]) {
                    System.arraycopy(state, sequences[k] * width, some, k * width, width);
                }
            }
            byLayer.computeIfAbsent(key.layer, layer -> new LinkedHashMap<>())
                    .put(key.name, ParameterVectors.array(some, type, sequences.length, width));
        });
        byLayer.forEach((layer, state) -> layers.get(layer).rnnSetPreviousState(state));
    }

    private void requireSequences(int[] sequences, boolean[] begins) {
        if (sequences.length != begins.length) {
            throw new IllegalArgumentException(
                    "there must be one flag for each of " + sequences.length + " sequences, got " + begins.length);
        }
        for (int k = 0; k < sequences.length; k++) {
            int sequence = sequences[k];
            if (sequence < 0 || sequence >= rows || (k > 0 && sequence <= sequences[k - 1])) {
                throw new IllegalArgumentException(
                        "sequences must be ascending and in [0, " + (rows - 1) + "], got " + sequence);
            }
            if (!begins[k] && !begun[sequence]) {
                throw new IllegalArgumentException("sequence " + sequence + " must begin before it continues");
            }
        }
    }

    /** Takes the sequences' memories back from the layers. */
    void keep(int[] sequences) {
        for (int i = 0; i < layers.size(); i++) {
            int layer = i;
            layers.get(i).rnnGetPreviousState().forEach((name, state) -> keep(new Key(layer, name), state, sequences));
        }
        for (int sequence : sequences) {
            begun[sequence] = true;
        }
    }

    private void keep(Key key, INDArray state, int[] sequences) {
        double[] some = ParameterVectors.of(state);
        int width = some.length / sequences.length;
        double[] all = states.computeIfAbsent(key, absent -> new double[rows * width]);
        for (int k = 0; k < sequences.length; k++) {
            System.arraycopy(some, k * width, all, sequences[k] * width, width);
        }
    }
}
