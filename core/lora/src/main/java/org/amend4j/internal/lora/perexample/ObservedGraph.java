/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.perexample;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.internal.lora.CarriesAdapters;
import org.amend4j.internal.lora.layer.AdaptableLayer;
import org.amend4j.internal.lora.layer.LayerRows;
import org.amend4j.internal.lora.layer.SharedInputLayer;
import org.amend4j.internal.lora.layer.WrappedLayer;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.RowsPerToken;
import org.amend4j.internal.network.TrainsTokens;
import org.amend4j.internal.network.Wrappers;
import org.amend4j.lora.FrozenInputPreProcessor;
import org.amend4j.lora.TrainedLayer;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.lora.config.WeightAdapter;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * A copy of a graph for measuring: the same function of the same parameter vector, with parameters of its own, and nothing
 * random or batch-dependent in it (else the graph is refused; but see {@link TrainingExtras#LEAVE_TO_TRAINER}). Layers leave their input intact for its other readers. Dense
 * and output layers compute each pre-activation once. The rows behind each layer's gradient can be inspected before the
 * gradient is computed from them.
 */
public final class ObservedGraph {

    private final ComputationGraph graph;
    private final List<LayerRows> rows = new ArrayList<>();

    private ObservedGraph(ComputationGraph graph) {
        this.graph = graph;
    }

    /**
     * A twin with a copy of the graph's parameters. The original is not changed and not referred to.
     *
     * @param original an initialised graph, plain or adapted
     * @throws IllegalArgumentException naming the layer that makes the loss something else than a sum over examples of a
     *     function of parameters and example
     */
    public static ObservedGraph of(ComputationGraph original, TrainingExtras extras) {
        return of(original, extras, true);
    }

    /**
     * A twin whose layers are the original's own, so that its gradients have the very bits that {@code fit} steps along. Layers
     * that are not adapted show no rows then.
     *
     * @see #of(ComputationGraph, TrainingExtras)
     */
    public static ObservedGraph stock(ComputationGraph original, TrainingExtras extras) {
        return of(original, extras, false);
    }

    private static ObservedGraph of(ComputationGraph original, TrainingExtras extras, boolean showingRows) {
        ComputationGraphConfiguration configuration = Configurations.copy(original.getConfiguration());
        DeterministicLoss.require(original, configuration, extras);
        configuration.setBackpropType(BackpropType.Standard);
        configuration.setIterationCount(0);
        configuration.setEpochCount(0);
        Set<String> withoutInputGradient = withoutInputGradient(configuration);
        for (String name : GraphLayers.vertices(configuration)) {
            if (configuration.getVertices().get(name) instanceof LayerVertex vertex) {
                configuration
                        .getVertices()
                        .put(name, showingRows ? twin(vertex, withoutInputGradient.contains(name)) : plain(vertex));
            }
        }
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init(original.params().dup(), false);
        return new ObservedGraph(graph);
    }

    /** Without anything that is not the function itself. */
    private static LayerVertex plain(LayerVertex vertex) {
        NeuralNetConfiguration conf = vertex.getLayerConf();
        conf.clearVariables();
        conf.setMiniBatch(true);
        conf.setSeed(0);
        conf.setIterationCount(0);
        conf.setEpochCount(0);
        if (conf.getLayer() instanceof org.deeplearning4j.nn.conf.layers.BaseLayer trained) {
            trained.setIUpdater(new NoOp());
            trained.setBiasUpdater(new NoOp());
        }
        return vertex;
    }

    private static LayerVertex twin(LayerVertex original, boolean inputFrozen) {
        LayerVertex vertex = plain(original);
        NeuralNetConfiguration conf = vertex.getLayerConf();
        InputPreProcessor preProcessor = vertex.getPreProcessor();
        if (conf.getLayer() instanceof org.deeplearning4j.nn.conf.layers.BaseLayer trained
                && TrainedLayer.serves(trained)) {
            conf.setLayer(new TrainedLayer(trained, inputFrozen));
            preProcessor =
                    inputFrozen && preProcessor != null ? new FrozenInputPreProcessor(preProcessor) : preProcessor;
        }
        conf.setLayer(sharingItsInput(conf.getLayer()));
        return new LayerVertex(conf, preProcessor);
    }

    private static org.deeplearning4j.nn.conf.layers.Layer sharingItsInput(
            org.deeplearning4j.nn.conf.layers.Layer layer) {
        if (SharedInputLayer.serves(layer)) {
            return new SharedInputLayer(layer);
        }
        org.deeplearning4j.nn.conf.layers.Layer frozen = Unfrozen.ofStopped(layer);
        if (SharedInputLayer.serves(frozen)) {
            FrozenLayer result = new FrozenLayer(new SharedInputLayer(frozen));
            result.setLayerName(layer.getLayerName());
            return result;
        }
        return layer;
    }

    /**
     * Layers on a network input, all of whose readers can keep the input's gradient back: Deeplearning4j adds the
     * gradients of a vertex's readers up and fails when some are there and some are not.
     */
    private static Set<String> withoutInputGradient(ComputationGraphConfiguration configuration) {
        Map<String, List<String>> inputs = configuration.getVertexInputs();
        return configuration.getNetworkInputs().stream()
                .map(input -> inputs.entrySet().stream()
                        .filter(entry -> entry.getValue().contains(input))
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toSet()))
                .filter(readers -> readers.stream()
                        .allMatch(reader -> GraphLayers.layer(configuration, reader)
                                .map(ObservedGraph::keepsInputGradientBack)
                                .orElse(false)))
                .flatMap(Set::stream)
                .collect(Collectors.toSet());
    }

    private static boolean keepsInputGradientBack(org.deeplearning4j.nn.conf.layers.Layer layer) {
        return TrainedLayer.serves(layer) || (layer instanceof WrappedLayer wrapped && wrapped.isInputFrozen());
    }

    /** The copy. Its parameters may be changed in place; they are not shared. */
    public ComputationGraph graph() {
        return graph;
    }

    /** An adapter's place in the parameter vector; both factors in Fortran order. */
    public record Adapter(
            String layer, long offsetA, long rows, long rank, long offsetB, long columns, double scaling) {}

    /**
     * The adapters in a graph's parameter vector, in its order.
     *
     * @param graph plain, adapted, or a twin
     */
    public static List<Adapter> adapters(ComputationGraph graph) {
        List<Adapter> found = new ArrayList<>();
        long begin = graph.numParams() == 0 ? 0 : graph.params().offset();
        for (Layer layer : graph.getLayers()) {
            withKnownAdapter(layer).ifPresent(one -> {
                INDArray a = layer.getParam(one.weight().keyOfA());
                INDArray b = layer.getParam(one.weight().keyOfB());
                found.add(new Adapter(
                        one.weight().vertex(),
                        a.offset() - begin,
                        one.rows(),
                        one.adapter().rank(),
                        b.offset() - begin,
                        one.columns(),
                        one.adapter().scaling()));
            });
        }
        return found;
    }

    /** An adapter on rows of the layer's input with nothing beside its factors, but perhaps the layer's bias. */
    private static Optional<WeightAdapter> withKnownAdapter(Layer layer) {
        return layer instanceof AdaptableLayer running
                        && running.showsRows()
                        && layer.conf().getLayer() instanceof CarriesAdapters carrier
                ? carrier.adapters().stream()
                        .filter(one -> one.adapter().scheme().isFactorsAlone())
                        .findFirst()
                : Optional.empty();
    }

    /**
     * Vertices with adapters that are not among {@link #adapters}: they add to weights, have vectors beside the factors, look rows up,
     * perhaps trained ones, or are a language model's head's, whose rows nobody sees.
     */
    public static List<String> otherAdapters(ComputationGraph graph) {
        List<String> found = new ArrayList<>();
        for (Layer layer : graph.getLayers()) {
            org.deeplearning4j.nn.conf.layers.Layer conf = layer.conf().getLayer();
            boolean adapted = conf instanceof CarriesAdapters carrier
                    && !carrier.adapters().isEmpty();
            if (conf instanceof TrainsTokens
                    || (adapted && withKnownAdapter(layer).isEmpty())) {
                found.add(conf.getLayerName());
            }
        }
        return found;
    }

    /** Whether every gradient of the graph is made of rows that {@link #observing} shows, as many of each example. */
    public boolean isRowwise() {
        long observed = 0;
        for (Layer layer : graph.getLayers()) {
            if (Wrappers.innermost(layer.conf().getLayer()) instanceof RowsPerToken) {
                return false;
            }
            observed += layer instanceof AdaptableLayer running && running.showsRows() ? layer.numParams() : 0;
        }
        return observed == graph.numParams();
    }

    /** The layers whose rows {@link #observing} shows. */
    public List<String> observed() {
        return Stream.of(graph.getLayers())
                .filter(layer -> layer instanceof AdaptableLayer running && running.showsRows())
                .filter(layer -> layer.numParams() > 0)
                .map(layer -> layer.conf().getLayer().getLayerName())
                .toList();
    }

    /**
     * Does something while the layers that are made of rows leave their gradients to an observer: it is called at the end
     * of each gradient computation, inside of it, with these layers' rows. Other layers' gradients are there already.
     *
     * @param observer must not throw
     */
    public void observing(Consumer<List<LayerRows>> observer, Runnable work) {
        for (Layer layer : graph.getLayers()) {
            if (layer instanceof AdaptableLayer running) {
                running.observe(rows::add);
            }
        }
        graph.setListeners(new BaseTrainingListener() {
            @Override
            public void onBackwardPass(Model model) {
                observer.accept(List.copyOf(rows));
                rows.clear();
            }
        });
        try {
            work.run();
        } finally {
            rows.clear();
            graph.setListeners();
            for (Layer layer : graph.getLayers()) {
                if (layer instanceof AdaptableLayer running) {
                    running.stopObserving();
                }
            }
        }
    }
}
