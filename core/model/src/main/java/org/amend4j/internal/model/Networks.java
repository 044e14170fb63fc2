/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;

/** Conversions between Deeplearning4j's two kinds of network. */
public final class Networks {

    /** Name of the only input of a converted {@link MultiLayerNetwork}; its layers are named by their index. */
    public static final String INPUT = "in";

    private Networks() {}

    /**
     * Reads a network saved by Deeplearning4j's {@code ModelSerializer}, as a graph; updater state in the file is ignored.
     *
     * @throws IOException if the file cannot be read or holds no network; the message names the file
     */
    public static ComputationGraph read(Path file) throws IOException {
        return ModelFile.read(file);
    }

    /** The layers' own names where they have some that are unique and are no layer's number; what they call is the layer's number. */
    public static Map<String, String> names(MultiLayerConfiguration layers) {
        Map<String, String> names = new LinkedHashMap<>();
        Set<String> taken = new HashSet<>(Set.of(INPUT));
        int count = layers.getConfs().size();
        IntStream.range(0, count).mapToObj(String::valueOf).forEach(taken::add);
        for (int i = 0; i < count; i++) {
            @Nullable String name = layers.getConf(i).getLayer().getLayerName();
            if (name != null && !name.isBlank()) {
                if (taken.add(name)) {
                    names.put(name, String.valueOf(i));
                } else {
                    names.remove(name);
                }
            }
        }
        return names;
    }

    /**
     * The same network as a graph that <em>shares</em> the parameter vector of {@code network}. Deeplearning4j's own
     * {@code toComputationGraph()} copies it.
     *
     * @param network an initialised network
     */
    public static ComputationGraph asGraph(MultiLayerNetwork network) {
        MultiLayerConfiguration layers = Configurations.copy(network.getLayerWiseConfigurations());
        ComputationGraphConfiguration.GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .seed(layers.getConf(0).getSeed())
                .dataType(layers.getDataType())
                .graphBuilder();
        graph.addInputs(INPUT);
        String below = INPUT;
        for (int i = 0; i < layers.getConfs().size(); i++) {
            String name = String.valueOf(i);
            graph.addLayer(name, layers.getConf(i).getLayer(), layers.getInputPreProcess(i), below);
            below = name;
        }
        ComputationGraphConfiguration configuration = graph.setOutputs(below)
                .backpropType(layers.getBackpropType())
                .tBPTTForwardLength(layers.getTbpttFwdLength())
                .tBPTTBackwardLength(layers.getTbpttBackLength())
                .build();
        ComputationGraph result = new ComputationGraph(configuration);
        result.init(network.params(), false);
        return result;
    }
}
