/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.amend4j.data.PictureShape.Order;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;

/** The input that a classifier takes, read from its configuration. */
public sealed interface NetworkInput permits NetworkInput.Rows, NetworkInput.Pictures {

    /**
     * Rows of numbers.
     *
     * @param columns 0 if the configuration does not say, as of sequences of words that may be of any length
     * @param words if the numbers are those of rows of a table, how many it has; else 0
     */
    record Rows(long columns, long words) implements NetworkInput {

        /** What they are, to follow "the model takes". */
        public String described() {
            return columns == 0 ? "sequences of numbers of words, of any length" : "rows of " + columns + " numbers";
        }

        /**
         * Checks how long examples are.
         *
         * @param beside what else their file has, in words
         * @throws BadInputException if they have another number of columns
         */
        public void requireColumns(int found, Path file, String beside) {
            if (columns != 0 && found != columns) {
                throw new BadInputException(
                        "the model takes " + described() + ", " + file + " has " + found + " beside " + beside);
            }
        }

        /**
         * Checks examples, if their numbers are those of rows.
         *
         * @throws BadInputException if there is no such row
         */
        public void requireWords(Labelled examples) {
            float[] numbers = new float[examples.length()];
            for (int example = 0; words > 0 && example < examples.size(); example++) {
                examples.features(example, numbers, 0);
                for (float number : numbers) {
                    if (!(number >= 0 && number < words && number == (long) number)) {
                        throw new BadInputException(
                                "the model looks up rows of a table: numbers must be whole, from 0 to " + (words - 1)
                                        + ", got " + number + " in example " + (example + 1));
                    }
                }
            }
        }
    }

    /**
     * Pictures.
     *
     * @param side 0 if the configuration does not say
     */
    record Pictures(Order order, long channels, long side) implements NetworkInput {}

    /**
     * What the network's only input takes.
     *
     * @throws BadInputException if it has several, or takes neither rows nor pictures
     */
    static NetworkInput of(ComputationGraphConfiguration network) {
        List<String> inputs = network.getNetworkInputs();
        if (inputs.size() != 1) {
            throw new BadInputException("the model must have one input, it has " + inputs
                    + ": train it in Java, where AdaptedModel.attach(...).graph().fit takes a MultiDataSet");
        }
        Deque<String> next = new ArrayDeque<>(readers(network, inputs.get(0)));
        Set<String> seen = new HashSet<>(next);
        while (!next.isEmpty()) {
            String name = next.remove();
            if (network.getVertices().get(name) instanceof LayerVertex vertex) {
                if (vertex.getPreProcessor() instanceof FeedForwardToCnnPreProcessor rows) {
                    return new Pictures(Order.FLAT, rows.getNumChannels(), rows.getInputHeight());
                }
                Layer layer = Unfrozen.of(vertex.getLayerConf().getLayer());
                if (layer instanceof FeedForwardLayer first) {
                    return of(name, first);
                }
            }
            readers(network, name).stream().filter(seen::add).forEach(next::add);
        }
        throw new BadInputException("the model has no layer with weights");
    }

    private static NetworkInput of(String name, FeedForwardLayer first) {
        Optional<Boolean> channelsFirst = LayerKinds.channelsFirst(first);
        if (channelsFirst.isPresent()) {
            return new Pictures(channelsFirst.get() ? Order.NCHW : Order.NHWC, first.getNIn(), 0);
        }
        if (LayerKinds.readsSequences(first)) {
            throw new BadInputException("the model's first layer '" + name + "' takes sequences; this command reads"
                    + " tables and pictures, use the library for sequences");
        }
        return LayerKinds.table(first)
                .map(table -> new Rows(table.ofSequences() ? table.length() : 1, table.words()))
                .orElseGet(() -> new Rows(first.getNIn(), 0));
    }

    private static List<String> readers(ComputationGraphConfiguration network, String name) {
        return network.getVertexInputs().entrySet().stream()
                .filter(entry -> entry.getValue().contains(name))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /**
     * How wide the network's only output is: a column a class, or one for two classes.
     *
     * @throws BadInputException if it has several outputs, or one that is no output layer
     */
    static int outputColumns(ComputationGraphConfiguration network) {
        List<String> outputs = network.getNetworkOutputs();
        if (outputs.size() == 1
                && network.getVertices().get(outputs.get(0)) instanceof LayerVertex vertex
                && vertex.getLayerConf().getLayer() instanceof BaseOutputLayer output
                && NetworkOutput.isOutput(output)) {
            return Math.toIntExact(output.getNOut());
        }
        throw refused(network);
    }

    private static BadInputException refused(ComputationGraphConfiguration network) {
        List<String> outputs = network.getNetworkOutputs();
        if (outputs.size() > 1) {
            return NetworkOutput.several(outputs);
        }
        if (outputs.size() == 1 && givesPictures(network, outputs.get(0))) {
            return new BadInputException("the model ends in '" + outputs.get(0)
                    + "', which gives pictures; this command is for classes: train networks from pictures to pictures"
                    + " with the library");
        }
        return new BadInputException("the model must end in one output layer, its outputs are " + outputs);
    }

    private static boolean givesPictures(ComputationGraphConfiguration network, String output) {
        if (!(network.getVertices().get(output) instanceof LayerVertex vertex)) {
            return false;
        }
        return LayerKinds.channelsFirst(vertex.getLayerConf().getLayer()).isPresent();
    }
}
