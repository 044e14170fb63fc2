/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.amend4j.graph.GraphAdapters;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.lora.FrozenBaseLayer;
import org.amend4j.lora.LoraLayer;
import org.amend4j.model.BaseModel;
import org.amend4j.network.Wrappers;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads a graph as dense layers on top of each other, plain, frozen or adapted, with all outputs of the network on the last
 * one below them.
 */
final class FormerDenseChain {

    private final ComputationGraph graph;
    private final ComputationGraphConfiguration configuration;
    private final List<DenseStage> stages = new ArrayList<>();

    private FormerDenseChain(ComputationGraph graph) {
        this.graph = graph;
        this.configuration = graph.getConfiguration();
    }

    /** The graph as a kernel whose parameters stay copied into the graph; empty if it is not such a chain. */
    static Optional<DenseApproximator> of(ComputationGraph graph) {
        FormerDenseChain chain = new FormerDenseChain(graph);
        return graph.numParams() > 0 && chain.read()
                ? Optional.of(new DenseApproximator(
                        chain.stages,
                        GraphAdapters.of(graph),
                        ParameterVectors.of(graph),
                        GraphParameters.precision(graph),
                        theta -> ParameterVectors.copyInto(graph, theta)))
                : Optional.empty();
    }

    private boolean read() {
        if (configuration.getNetworkInputs().size() != 1) {
            return false;
        }
        String below = configuration.getNetworkInputs().get(0);
        List<String> outputs = configuration.getNetworkOutputs();
        int left = configuration.getVertices().size();
        while (true) {
            List<String> readers = readers(below);
            boolean last = readers.size() == outputs.size() && readers.containsAll(outputs);
            if (!last && readers.size() != 1) {
                return false;
            }
            Optional<DenseStage> stage = stage(last ? outputs : readers);
            if (stage.isEmpty()) {
                return false;
            }
            stages.add(stage.get());
            left -= readers.size();
            if (last) {
                return left == 0;
            }
            below = readers.get(0);
        }
    }

    private List<String> readers(String name) {
        return configuration.getVertexInputs().entrySet().stream()
                .filter(entry -> entry.getValue().contains(name))
                .map(Map.Entry::getKey)
                .toList();
    }

    private Optional<DenseStage> stage(List<String> names) {
        List<DenseBlock> blocks = new ArrayList<>();
        List<DenseActivation> activations = new ArrayList<>();
        int inputs = 0;
        for (String name : names) {
            Optional<DenseLayer> dense = dense(name);
            Optional<DenseActivation> activation = dense.flatMap(layer -> activation(layer.getActivationFn()));
            if (dense.isEmpty() || activation.isEmpty()) {
                return Optional.empty();
            }
            inputs = (int) dense.get().getNIn();
            activations.add(activation.get());
            blocks.add(block(name, dense.get()));
        }
        return activations.stream().distinct().count() == 1
                ? Optional.of(new DenseStage(inputs, activations.get(0), blocks))
                : Optional.empty();
    }

    /** The stock layer of a vertex, if that is all there is to it. */
    private Optional<DenseLayer> dense(String name) {
        return configuration.getVertices().get(name) instanceof LayerVertex vertex
                        && vertex.getPreProcessor() == null
                        && Wrappers.innermost(vertex.getLayerConf().getLayer()) instanceof DenseLayer dense
                        && dense.getClass() == DenseLayer.class
                        && !dense.hasLayerNorm()
                ? Optional.of(dense)
                : Optional.empty();
    }

    static Optional<DenseActivation> activation(IActivation function) {
        if (function instanceof ActivationIdentity) {
            return Optional.of(DenseActivation.IDENTITY);
        }
        if (function instanceof ActivationTanH) {
            return Optional.of(DenseActivation.TANH);
        }
        if (function instanceof ActivationSigmoid) {
            return Optional.of(DenseActivation.SIGMOID);
        }
        return function instanceof ActivationReLU relu && isPlain(relu)
                ? Optional.of(DenseActivation.RELU)
                : Optional.empty();
    }

    private static boolean isPlain(ActivationReLU relu) {
        return relu.equals(new ActivationReLU());
    }

    private DenseBlock block(String name, DenseLayer dense) {
        Layer layer = ((LayerVertex)
                        Objects.requireNonNull(configuration.getVertices().get(name), name))
                .getLayerConf()
                .getLayer();
        while (layer instanceof FrozenLayer frozen) {
            layer = frozen.getLayer();
        }
        if (layer instanceof LoraLayer lora) {
            return new DenseBlock.Adapted(
                    frozen(name, lora),
                    lora.adapter().rank(),
                    lora.adapter().scaling(),
                    offset(name, "A"),
                    offset(name, "B"));
        }
        if (layer instanceof FrozenBaseLayer base) {
            return frozen(name, base);
        }
        int at = offset(name, "W");
        int size = (int) (dense.getNIn() * dense.getNOut());
        return new DenseBlock.Free(
                (int) dense.getNIn(),
                (int) dense.getNOut(),
                at,
                dense.hasBias() ? OptionalInt.of(at + size) : OptionalInt.empty());
    }

    private DenseBlock.Frozen frozen(String name, FrozenBaseLayer layer) {
        DataType type = graph.params().dataType();
        Map<String, INDArray> parameters = BaseModel.require(layer.base(), name).parameters(name, type);
        INDArray weights = Objects.requireNonNull(parameters.get("W"), "W");
        INDArray biases = parameters.get("b");
        return new DenseBlock.Frozen(
                ParameterVectors.of(weights.transpose()),
                biases == null ? new double[(int) weights.size(1)] : ParameterVectors.of(biases));
    }

    /** Where a parameter of a layer begins in the graph's parameter vector. */
    private int offset(String name, String key) {
        INDArray parameter =
                Objects.requireNonNull(graph.getLayer(name).paramTable().get(key), key);
        return (int) (parameter.offset() - graph.params().offset());
    }
}
