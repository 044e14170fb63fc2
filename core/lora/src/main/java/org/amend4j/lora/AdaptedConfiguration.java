/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.internal.lora.AdaptableWeights;
import org.amend4j.internal.lora.CarriesAdapters;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.model.FineTuning;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.CutsPictures;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.internal.network.Wrappers;
import org.amend4j.internal.text.Article;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.ResolvedLoraConfig.Candidate;
import org.amend4j.lora.config.AdaptedBias;
import org.amend4j.lora.config.AdaptedTokens;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.FactorTraining;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The configuration of a base graph rewritten so that only adapters and fully trained layers have parameters. Names,
 * connections and order stay.
 *
 * <p>A vertex is <em>live</em> if it trains or something below it does; the rest is the frozen <em>prefix</em>. Prefix
 * vertices become Deeplearning4j's {@code FrozenLayer} (a {@link PrefixLayer}) and {@code FrozenVertex}, because its
 * backward sweep stops at these and only these. Outputs of the network stay outside of the prefix: a {@code FrozenLayer}
 * has no score.
 */
final class AdaptedConfiguration {

    private final BaseModel base;
    private final ResolvedLoraConfig fit;
    private final FineTuneConfiguration training;
    private final ComputationGraphConfiguration adapted;
    private final List<String> order;
    private final List<Tokens.Tied> tied;
    private final Set<String> live = new LinkedHashSet<>();

    AdaptedConfiguration(
            BaseModel base, ResolvedLoraConfig fit, List<Tokens.Tied> tied, FineTuneConfiguration training) {
        if (training.getActivationFn() != null) {
            throw new IllegalArgumentException("a fine-tune configuration must not set an activation function: it would"
                    + " change what the base computes, got " + training.getActivationFn());
        }
        this.base = base;
        this.fit = fit;
        this.training = training;
        this.adapted = base.configuration();
        this.order = GraphLayers.vertices(adapted);
        requireTargets(adapted, fit);
        this.tied = List.copyOf(tied);
        fit.weights().forEach(one -> Biases.requireBiasUnder(base, one));
        markLive();
        rewrite();
    }

    /** The weights an adapter can add to. */
    static List<Candidate> candidates(ComputationGraphConfiguration configuration) {
        List<Candidate> found = new ArrayList<>();
        for (String name : GraphLayers.vertices(configuration)) {
            boolean output = configuration.getNetworkOutputs().contains(name);
            Map<String, WeightMatrix> weights = AdaptableWeights.of(configuration, name);
            weights.forEach((key, weight) -> found.add(new Candidate(
                    new AdaptedWeight(name, key, weights.size() == 1),
                    readsPatches(configuration, name) ? Candidate.Sort.CONVOLUTION : Candidate.Sort.of(weight),
                    output,
                    weight.rows(),
                    weight.columns())));
        }
        return found;
    }

    /** Whether a layer is a convolution to other frameworks because its rows are patches of pictures. */
    static boolean readsPatches(ComputationGraphConfiguration configuration, String name) {
        return configuration.getVertexInputs().getOrDefault(name, List.of()).stream()
                .map(input -> configuration.getVertices().get(input))
                .filter(Objects::nonNull)
                .anyMatch(vertex -> Wrappers.innermost(vertex) instanceof CutsPictures);
    }

    /** The layers that have parameters and so can be trained in full. */
    static List<String> layersWithParameters(ComputationGraphConfiguration configuration) {
        return GraphLayers.vertices(configuration).stream()
                .filter(name -> GraphLayers.layer(configuration, name)
                        .map(AdaptedConfiguration::hasParameters)
                        .orElse(false))
                .toList();
    }

    private static boolean hasParameters(Layer layer) {
        return layer.initializer().numParams(layer) > 0;
    }

    /** Refuses adapters on a base whose type has 16 bits: factors have the type of the graph, and no start and no law is known in it. */
    static void requireType(ComputationGraphConfiguration network, List<WeightAdapter> adapters) {
        DataType type = network.getDataType();
        if (!adapters.isEmpty() && type != DataType.FLOAT && type != DataType.DOUBLE) {
            throw new IllegalArgumentException("a base must be FLOAT or DOUBLE to take adapters, got " + type
                    + ": convert the network with convertDataType(DataType.FLOAT) first");
        }
    }

    /** Refuses a configuration that was fitted to another base, if this one has not all that it names. */
    static void requireTargets(ComputationGraphConfiguration network, ResolvedLoraConfig fit) {
        fit.weights().forEach(one -> requireWeight(network, one));
        requireLayers(network, fit.trainedInFull());
        Tokens.require(network, fit.tokens());
    }

    private static void requireWeight(ComputationGraphConfiguration adapted, WeightAdapter adapter) {
        AdaptedWeight of = adapter.weight();
        Map<String, WeightMatrix> weights =
                adapted.getVertices().containsKey(of.vertex()) ? AdaptableWeights.of(adapted, of.vertex()) : Map.of();
        WeightMatrix weight = weights.get(of.parameter());
        if (weight == null || weight.rows() != adapter.rows() || weight.columns() != adapter.columns()) {
            throw new IllegalArgumentException("the targets must be those of this base, which has no weight '"
                    + of.name() + "' of " + adapter.rows() + " x " + adapter.columns() + "; candidates: "
                    + Checks.listed(
                            candidates(adapted).stream().map(Candidate::name).toList()));
        }
    }

    private static void requireLayers(ComputationGraphConfiguration adapted, Collection<String> names) {
        for (String name : names) {
            if (GraphLayers.layer(adapted, name).isEmpty()) {
                throw new IllegalArgumentException("the targets must be those of this base, which has no layer '" + name
                        + "'; layers with parameters: " + Checks.listed(layersWithParameters(adapted)));
            }
        }
    }

    /** The rewritten configuration. */
    ComputationGraphConfiguration configuration() {
        return adapted;
    }

    /** Lets the factors be trained so, in the tail too. */
    void trainFactors(FactorTraining factors) {
        if (!factors.trainsA()) {
            fit.weights().forEach(this::requireStartOfA);
        }
        for (GraphVertex vertex : adapted.getVertices().values()) {
            withFactors(vertex).ifPresent(own -> {
                FactorRates.require(factors, own.getIUpdater());
                own.trainFactors(factors);
            });
        }
    }

    /** With A = 0 for ever there is nothing to train. */
    private void requireStartOfA(WeightAdapter one) {
        AdapterInit start = one.adapter().init();
        boolean zero = start.equals(AdapterInit.DEFAULT) || start.equals(AdapterInit.GAUSSIAN);
        AdaptedWeight of = one.weight();
        if (zero
                && AdaptableWeights.of(base.configuration(), of.vertex(), of.parameter())
                        .isTable()) {
            throw new IllegalArgumentException("LoRA-FA does not train A, which starts at 0 in the embedding '"
                    + of.name() + "': leave it out of the targets, or choose the start orthogonal");
        }
    }

    private static Optional<FrozenBaseLayer> withFactors(GraphVertex vertex) {
        if (vertex instanceof LoraVertex own) {
            return Optional.of(own.factors());
        }
        return vertex instanceof LayerVertex layer
                        && layer.getLayerConf().getLayer() instanceof FrozenBaseLayer own
                        && own instanceof CarriesAdapters
                ? Optional.of(own)
                : Optional.empty();
    }

    /** A parameter vector of the rewritten graph. */
    INDArray zeros() {
        long length = adapted.getVertices().values().stream()
                .mapToLong(vertex -> vertex.numParams(false))
                .sum();
        return Nd4j.create(adapted.getDataType(), 1, length);
    }

    private void markLive() {
        Set<String> trained = adapterNames();
        fit.biases().forEach(bias -> trained.add(bias.vertex()));
        trained.addAll(fit.trainedInFull());
        for (String name : order) {
            if (trained.contains(name) || inputs(name).stream().anyMatch(live::contains)) {
                live.add(name);
            }
        }
    }

    private List<String> inputs(String name) {
        return Objects.requireNonNull(adapted.getVertexInputs().get(name), name);
    }

    private void rewrite() {
        Map<String, List<AdaptedBias>> biases =
                fit.biases().stream().collect(Collectors.groupingBy(AdaptedBias::vertex));
        Map<String, List<WeightAdapter>> adapters = fit.weights().stream()
                .collect(Collectors.groupingBy(one -> one.weight().vertex()));
        for (String name : order) {
            List<WeightAdapter> own = adapters.getOrDefault(name, List.of());
            GraphVertex vertex = Objects.requireNonNull(adapted.getVertices().get(name), name);
            GraphVertex rewritten = vertex instanceof LayerVertex layer
                    ? rewrite(name, layer, own, biases.getOrDefault(name, List.of()))
                    : rewrite(name, vertex, own);
            adapted.getVertices().put(name, rewritten);
        }
        training.applyToComputationGraphConfiguration(adapted);
        training.applyToNeuralNetConfiguration(adapted.getDefaultConfiguration());
        NeuralNetConfiguration whole = adapted.getDefaultConfiguration();
        whole.setSeed(Configurations.seed(whole.getSeed()));
        adapted.setIterationCount(0);
        adapted.setEpochCount(0);
    }

    /** A vertex that Deeplearning4j cannot clone becomes ours too: users clone graphs, and savers in memory do. */
    private GraphVertex rewrite(String name, GraphVertex original, List<WeightAdapter> adapters) {
        GraphVertex vertex = Wrappers.innermost(original);
        if (!adapters.isEmpty()) {
            return adapted(name, vertex, adapters);
        }
        GraphVertex frozen = FrozenBaseVertex.standingOn(base.fingerprint(), vertex);
        return isPrefix(name) ? new FrozenVertex(frozen) : frozen;
    }

    private GraphVertex adapted(String name, GraphVertex vertex, List<WeightAdapter> adapters) {
        LoraWeightsLayer factors = LoraVertex.factors(name, base.fingerprint(), adapters);
        if (vertex instanceof SameDiffVertex written) {
            factors.setIUpdater(written.getUpdater());
        }
        NeuralNetConfiguration conf = Configurations.copy(adapted.getDefaultConfiguration());
        conf.setLayer(factors);
        FineTuning.apply(training, conf);
        return new LoraVertex(vertex, factors);
    }

    private boolean isPrefix(String name) {
        return !live.contains(name) && !adapted.getNetworkOutputs().contains(name);
    }

    /**
     * Whether a layer may keep back the gradient of its input: the input is frozen, and either nobody else outside the
     * prefix reads it or all who do are adapted layers, which then keep theirs back too. Deeplearning4j adds the gradients
     * of a vertex's readers up and fails when some are there and some are not.
     */
    private boolean wantsNoGradient(String input, String reader) {
        List<String> readers = order.stream()
                .filter(name -> !isPrefix(name) && inputs(name).contains(input))
                .toList();
        return !live.contains(input)
                && (readers.equals(List.of(reader))
                        || (adapterNames().containsAll(readers)
                                && readers.stream().allMatch(this::isLayer)));
    }

    /** Other vertices hand down the gradients of all their inputs. */
    private boolean isLayer(String name) {
        return adapted.getVertices().get(name) instanceof LayerVertex;
    }

    private Set<String> adapterNames() {
        return Stream.concat(
                        fit.weights().stream().map(one -> one.weight().vertex()), tokens().map(AdaptedTokens::vertex))
                .collect(Collectors.toSet());
    }

    /** Tokens that train of an embedding, and the same ones of a head that has its table. */
    private Stream<AdaptedTokens> tokens() {
        return Stream.concat(fit.tokens().stream(), tied.stream().map(Tokens.Tied::ofHead));
    }

    private Optional<AdaptedTokens> tokens(String name) {
        return tokens().filter(some -> some.vertex().equals(name)).findFirst();
    }

    /** Embeddings with tokens that train in their heads, too. */
    List<Tokens.Tied> tied() {
        return tied;
    }

    private GraphVertex rewrite(
            String name, LayerVertex vertex, List<WeightAdapter> adapters, List<AdaptedBias> biases) {
        NeuralNetConfiguration conf = Configurations.copy(vertex.getLayerConf());
        conf.clearVariables();
        conf.setIterationCount(0);
        conf.setEpochCount(0);
        boolean inputFrozen = inputs(name).stream().allMatch(input -> wantsNoGradient(input, name));
        Layer original = conf.getLayer();
        Optional<InputPreProcessor> preProcessor = Optional.ofNullable(vertex.getPreProcessor());
        if (fit.trainedInFull().contains(name)) {
            requireTrainable(name, original);
            FineTuning.apply(training, conf);
            if (TrainedSameDiffLayer.serves(original)) {
                conf.setLayer(new TrainedSameDiffLayer(original));
            } else if (TrainedLayer.serves(conf.getLayer())) {
                conf.setLayer(new TrainedLayer(conf.getLayer(), inputFrozen));
                preProcessor = inputFrozen ? preProcessor.map(FrozenInputPreProcessor::new) : preProcessor;
            }
        } else {
            conf.setLayer(standOnBase(name, Unfrozen.of(original), inputFrozen, adapters, biases));
            if (!adapters.isEmpty() || !biases.isEmpty() || tokens(name).isPresent()) {
                FineTuning.apply(training, conf);
                conf.getLayer().setIDropout(null);
            }
            if (inputFrozen) {
                preProcessor = preProcessor.map(FrozenInputPreProcessor::new);
            }
        }
        return new LayerVertex(conf, preProcessor.orElse(null));
    }

    /** Deeplearning4j's frozen layers have parameters and never train them. */
    private static void requireTrainable(String name, Layer layer) {
        if (Unfrozen.isFrozen(layer)) {
            throw new IllegalArgumentException("layer '" + name + "' cannot be trained in full: it is frozen by"
                    + " Deeplearning4j's " + layer.getClass().getSimpleName() + " around "
                    + Article.before(Unfrozen.of(layer).getClass().getSimpleName())
                    + ", which keeps its parameters for ever; give it an adapter, leave it out of the layers trained in"
                    + " full, or take the wrapper off and save the model again");
        }
        Wrappers.inside(layer).forEach(inside -> requireTrainable(name, inside));
    }

    private Layer standOnBase(
            String name, Layer original, boolean inputFrozen, List<WeightAdapter> adapters, List<AdaptedBias> biases) {
        String fingerprint = base.fingerprint().hex();
        original.setLayerName(name);
        Optional<AdaptedTokens> tokens = tokens(name);
        if (tokens.isPresent()) {
            return new TrainedTokensLayer(original, fingerprint, inputFrozen, tokens.get());
        }
        if (!adapters.isEmpty() || !biases.isEmpty()) {
            if (LayerKinds.weight(original).isPresent()
                    && biases.isEmpty()
                    && adapters.get(0).adapter().scheme().isFactorsAlone()) {
                WeightAdapter only = adapters.get(0);
                return new LoraLayer(original, fingerprint, inputFrozen, only.adapter(), only.rows(), only.columns());
            }
            return new LoraWeightsLayer(original, fingerprint, inputFrozen, adapters, biases);
        }
        Layer frozen = FrozenBaseLayer.standingOn(base.fingerprint(), original, inputFrozen);
        Layer result = isPrefix(name) ? new PrefixLayer(frozen) : frozen;
        result.setLayerName(name);
        return result;
    }

    /** Prefix vertices and network inputs that a vertex outside of the prefix reads: where features can be cached. */
    List<String> cut() {
        return order.stream()
                .filter(name -> !isPrefix(name))
                .flatMap(name -> inputs(name).stream())
                .filter(name -> !order.contains(name) || isPrefix(name))
                .distinct()
                .toList();
    }

    /** Whether any vertex is in the frozen prefix. */
    boolean hasPrefix() {
        return order.stream().anyMatch(this::isPrefix);
    }

    /** Names of the prefix vertices. */
    Set<String> prefix() {
        return order.stream().filter(this::isPrefix).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * The part outside of the prefix as a graph of its own, whose inputs are the cut. Its parameter vector has the full
     * graph's layout: the prefix has no parameters, and the order is kept.
     */
    ComputationGraphConfiguration tail() {
        ComputationGraphConfiguration tail = Configurations.copy(adapted);
        List<String> inputs = cut();
        Set<String> prefix = prefix();
        tail.setNetworkInputs(new ArrayList<>(inputs));
        tail.getVertices().keySet().removeAll(prefix);
        tail.getVertexInputs().keySet().removeAll(prefix);
        List<String> names = new ArrayList<>(inputs);
        order.stream().filter(name -> !prefix.contains(name)).forEach(names::add);
        tail.setTopologicalOrderStr(names);
        tail.setTopologicalOrder(IntStream.range(0, names.size()).toArray());
        return tail;
    }
}
