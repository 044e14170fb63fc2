/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.amend4j.internal.lora.AdaptableWeights;
import org.amend4j.internal.lora.ResidualBase;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.TrainsTokens;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.ResolvedLoraConfig.Candidate;
import org.amend4j.lora.config.AdaptedBias;
import org.amend4j.lora.config.AdaptedTokens;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.FactorLayout;
import org.amend4j.lora.file.FactorVectors;
import org.amend4j.lora.file.FullLayer;
import org.amend4j.lora.file.LayerFactors;
import org.amend4j.lora.file.TrainedBias;
import org.amend4j.lora.file.TrainedTokens;
import org.amend4j.model.BaseModel;
import org.amend4j.model.TorchLayer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a model's file holds, and whether what a file holds fits a base. */
final class AdapterTransfer {

    private AdapterTransfer() {}

    static AdapterContent of(AdaptedModel model) {
        BaseModel base = model.base();
        Map<String, String> layers = new LinkedHashMap<>();
        base.layerFingerprints().forEach((name, fingerprint) -> layers.put(name, fingerprint.hex()));
        List<LayerFactors> factors =
                model.weights().stream().map(one -> factors(model, one)).toList();
        List<FullLayer> full = model.trainedInFull().stream()
                .map(name -> new FullLayer(
                        name,
                        LayerKinds.torch(stock(model, name)),
                        model.graph().getLayer(name).paramTable()))
                .toList();
        List<TrainedBias> biases =
                model.biases().stream().map(bias -> trained(model, bias)).toList();
        LoraConfig config = model.standing()
                .plain(model.config(), factors.stream().map(LayerFactors::spec).toList());
        List<TrainedTokens> tokens = model.tokens().stream()
                .map(some -> new TrainedTokens(
                        some.vertex(), some.indices(), model.parameter(some.vertex(), TrainsTokens.ROWS)))
                .toList();
        return new AdapterContent(
                config, base.fingerprint().hex(), layers, factors, full, biases, tokens, model.origin());
    }

    /** Copies what was read, and found to fit, into a model. */
    static void copy(AdapterContent content, AdaptedModel model) {
        for (LayerFactors factors : content.factors()) {
            AdaptedWeight weight = factors.weight();
            model.setFactors(weight, factors.a(), factors.b());
            factors.vectors().magnitude().ifPresent(m -> copy(m, model, weight.vertex(), weight.keyOfMagnitude()));
            factors.vectors().bias().ifPresent(v -> copy(v, model, weight.vertex(), weight.keyOfBiasOnB()));
        }
        content.biases().forEach(bias -> copy(bias.values(), model, bias.vertex(), bias.parameter()));
        content.tokens()
                .forEach(some ->
                        model.parameter(some.vertex(), TrainsTokens.ROWS).assign(some.rows()));
        content.fullLayers()
                .forEach(full -> full.parameters()
                        .forEach((key, values) ->
                                model.parameter(full.vertex(), key).assign(values)));
    }

    private static void copy(INDArray vector, AdaptedModel model, String vertex, String key) {
        INDArray into = model.parameter(vertex, key);
        into.assign(vector.reshape('c', into.shape()));
    }

    private static TrainedBias trained(AdaptedModel model, AdaptedBias bias) {
        boolean torch = LayerKinds.torch(stock(model, bias.vertex())) != TorchLayer.OTHER
                && bias.parameter().equals(DefaultParamInitializer.BIAS_KEY);
        return new TrainedBias(
                bias.vertex(), bias.parameter(), torch, model.parameter(bias.vertex(), bias.parameter()));
    }

    private static Layer stock(AdaptedModel model, String name) {
        return Unfrozen.of(
                ((LayerVertex) model.base().configuration(name)).getLayerConf().getLayer());
    }

    private static LayerFactors factors(AdaptedModel model, WeightAdapter one) {
        AdaptedWeight weight = one.weight();
        ComputationGraphConfiguration network = model.base().configuration();
        WeightMatrix matrix = AdaptableWeights.of(network, weight.vertex(), weight.parameter());
        boolean isConvolution = AdaptedConfiguration.readsPatches(network, weight.vertex());
        Map<String, INDArray> table = model.graph().getVertex(weight.vertex()).paramTable(false);
        ResidualBase.Plain plain = model.standing()
                .plain(
                        one,
                        Objects.requireNonNull(table.get(weight.keyOfA()), weight.keyOfA()),
                        Objects.requireNonNull(table.get(weight.keyOfB()), weight.keyOfB()),
                        model.config());
        return new LayerFactors(
                weight,
                layout(matrix),
                plain.adapter(),
                matrix.isPeftExact() && !isConvolution,
                plain.a(),
                plain.b(),
                new FactorVectors(
                        Optional.ofNullable(table.get(weight.keyOfMagnitude())),
                        Optional.ofNullable(table.get(weight.keyOfBiasOnB()))));
    }

    private static FactorLayout layout(WeightMatrix weight) {
        if (!weight.kernel().isEmpty()) {
            return FactorLayout.ofKernel(weight.kernel());
        }
        if (weight.isTable()) {
            return new FactorLayout.Embedding();
        }
        return weight.isLinear() ? new FactorLayout.Dense() : new FactorLayout.Matrix();
    }

    /** What the file holds for this base, after checking that each part fits the base's layer of that name. */
    static ResolvedLoraConfig fit(AdapterContent content, BaseModel base) {
        ComputationGraphConfiguration configuration = base.configuration();
        Map<String, Candidate> candidates = AdaptedConfiguration.candidates(configuration).stream()
                .collect(Collectors.toMap(
                        Candidate::name, Function.identity(), (one, other) -> one, LinkedHashMap::new));
        List<WeightAdapter> weights = new ArrayList<>();
        for (LayerFactors factors : content.factors()) {
            Candidate candidate = candidates.get(factors.name());
            if (candidate == null) {
                throw new IllegalArgumentException("the adapter has factors for '" + factors.name()
                        + "', which is not an adaptable layer of the base; candidates: "
                        + Checks.listed(new ArrayList<>(candidates.keySet())));
            }
            requireFit(factors, candidate, configuration);
            weights.add(new WeightAdapter(candidate.weight(), factors.spec(), candidate.rows(), candidate.columns()));
        }
        AdaptedConfiguration.requireType(configuration, weights);
        content.fullLayers().forEach(full -> requireShapes(full, base));
        return new ResolvedLoraConfig(
                content.config(),
                weights,
                content.biases().stream().map(bias -> fitting(bias, base)).toList(),
                fitting(content.tokens(), configuration),
                content.fullLayers().stream().map(FullLayer::vertex).toList(),
                List.of());
    }

    private static List<AdaptedTokens> fitting(
            List<TrainedTokens> trained, ComputationGraphConfiguration configuration) {
        List<AdaptedTokens> tokens = trained.stream()
                .map(some -> new AdaptedTokens(
                        some.vertex(), some.indices(), some.rows().size(1)))
                .toList();
        Tokens.require(configuration, tokens);
        return tokens;
    }

    private static AdaptedBias fitting(TrainedBias bias, BaseModel base) {
        INDArray ofBase = GraphLayers.vertices(base.configuration()).contains(bias.vertex())
                ? base.parameters(bias.vertex()).get(bias.parameter())
                : null;
        if (ofBase == null || ofBase.length() != bias.values().length()) {
            throw new IllegalArgumentException("the adapter has a bias " + bias.parameter() + " of "
                    + bias.values().length() + " for '" + bias.vertex() + "', of which the base has "
                    + (ofBase == null ? "none" : ofBase.length()));
        }
        return new AdaptedBias(bias.vertex(), bias.parameter(), ofBase.length());
    }

    private static void requireFit(
            LayerFactors factors, Candidate candidate, ComputationGraphConfiguration configuration) {
        AdaptedWeight weight = candidate.weight();
        FactorLayout layout = layout(AdaptableWeights.of(configuration, weight.vertex(), weight.parameter()));
        if (factors.a().size(0) != candidate.rows()
                || factors.b().size(1) != candidate.columns()
                || !factors.layout().equals(layout)) {
            throw new IllegalArgumentException("the factors of '" + factors.name() + "' must be ["
                    + candidate.rows() + ", r] and [r, " + candidate.columns() + "]" + of(layout)
                    + ", got " + shape(factors.a()) + " and " + shape(factors.b()) + of(factors.layout()));
        }
    }

    private static String of(FactorLayout layout) {
        return layout.kernel().isEmpty() ? "" : " for a kernel " + layout.kernel();
    }

    private static void requireShapes(FullLayer full, BaseModel base) {
        Map<String, INDArray> expected = base.parameters(full.vertex());
        boolean same = expected.keySet().equals(full.parameters().keySet())
                && expected.entrySet().stream()
                        .allMatch(entry -> entry.getValue()
                                .equalShapes(
                                        Objects.requireNonNull(full.parameters().get(entry.getKey()), entry.getKey())));
        if (!same) {
            throw new IllegalArgumentException("the layer '" + full.vertex()
                    + "' trained in full must have the base's parameters " + shapes(expected) + ", got "
                    + shapes(full.parameters()));
        }
    }

    private static Map<String, List<Long>> shapes(Map<String, INDArray> arrays) {
        return arrays.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> shape(entry.getValue())));
    }

    private static List<Long> shape(INDArray array) {
        return Arrays.stream(array.shape()).boxed().toList();
    }
}
