/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.LoraFit.Candidate;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.FactorLayout;
import org.amend4j.lora.file.FullLayer;
import org.amend4j.lora.file.LayerFactors;
import org.amend4j.model.BaseModel;
import org.amend4j.model.Fingerprint;
import org.amend4j.model.GraphLayers;
import org.amend4j.model.Thawed;
import org.amend4j.network.HasAdapter;
import org.amend4j.network.LayerKinds;
import org.amend4j.network.WeightMatrix;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a model's file holds, and whether what a file holds fits a base. */
final class AdapterTransfer {

    private AdapterTransfer() {}

    static AdapterContent of(AdaptedModel model) {
        BaseModel base = model.base();
        Map<String, String> layers = new LinkedHashMap<>();
        base.layerFingerprints().forEach((name, fingerprint) -> layers.put(name, fingerprint.hex()));
        List<LayerFactors> factors =
                model.adapters().stream().map(spec -> factors(model, spec)).toList();
        List<FullLayer> full = model.trainedInFull().stream()
                .map(name -> new FullLayer(
                        name,
                        LayerKinds.torch(stock(model, name)),
                        model.graph().getLayer(name).paramTable()))
                .toList();
        return new AdapterContent(model.config(), base.fingerprint().hex(), layers, factors, full);
    }

    private static Layer stock(AdaptedModel model, String name) {
        return Thawed.of(
                ((LayerVertex) model.base().configuration(name)).getLayerConf().getLayer());
    }

    private static LayerFactors factors(AdaptedModel model, AdapterSpec spec) {
        Layer layer = stock(model, spec.target());
        Map<String, INDArray> table = model.graph().getLayer(spec.target()).paramTable();
        return new LayerFactors(
                spec.target(),
                layout(layer),
                spec,
                weight(layer).isPeftExact(),
                Objects.requireNonNull(table.get(HasAdapter.A), HasAdapter.A),
                Objects.requireNonNull(table.get(HasAdapter.B), HasAdapter.B));
    }

    private static FactorLayout layout(Layer layer) {
        return FactorLayout.ofKernel(weight(layer).kernel());
    }

    private static WeightMatrix weight(Layer layer) {
        return LayerKinds.weight(layer).orElseThrow();
    }

    /** Refuses an adapter made for other weights. An adapter without a fingerprint (a foreign one) passes. */
    static void requireBase(AdapterContent content, BaseModel base) {
        String expected = content.baseSha256();
        if (!expected.isEmpty() && !expected.equals(base.fingerprint().hex())) {
            throw new IllegalArgumentException("the adapter was made for the base model " + new Fingerprint(expected)
                    + ", not for " + base.fingerprint() + firstDifference(content, base));
        }
    }

    private static String firstDifference(AdapterContent content, BaseModel base) {
        Map<String, Fingerprint> layers = base.layerFingerprints();
        return content.layerSha256().entrySet().stream()
                .filter(entry -> !layers.containsKey(entry.getKey())
                        || !layers.get(entry.getKey()).hex().equals(entry.getValue()))
                .findFirst()
                .map(entry -> " (first difference: layer '" + entry.getKey() + "')")
                .orElse("");
    }

    /** What the file holds for this base, after checking that each part fits the base's layer of that name. */
    static LoraFit fit(AdapterContent content, BaseModel base) {
        content.notComputedYet().ifPresent(reason -> {
            throw new IllegalArgumentException(reason);
        });
        ComputationGraphConfiguration configuration = base.configuration();
        Map<String, Candidate> candidates = AdaptedConfiguration.candidates(configuration).stream()
                .collect(Collectors.toMap(Candidate::name, Function.identity()));
        for (LayerFactors factors : content.factors()) {
            Candidate candidate = candidates.get(factors.vertex());
            if (candidate == null) {
                throw new IllegalArgumentException("the adapter has factors for '" + factors.vertex()
                        + "', which is not an adaptable layer of the base; candidates: "
                        + Checks.listed(new ArrayList<>(candidates.keySet())));
            }
            Layer layer = GraphLayers.layer(configuration, factors.vertex())
                    .map(Thawed::of)
                    .orElseThrow();
            if (factors.a().size(0) != candidate.rows()
                    || factors.b().size(1) != candidate.columns()
                    || !factors.layout().equals(layout(layer))) {
                throw new IllegalArgumentException("the factors of '" + factors.vertex() + "' must be ["
                        + candidate.rows() + ", r] and [r, " + candidate.columns() + "] for a kernel "
                        + layout(layer).kernel() + ", got " + shape(factors.a()) + " and "
                        + shape(factors.b()) + " for "
                        + factors.layout().kernel());
            }
        }
        content.fullLayers().forEach(full -> requireShapes(full, base));
        return new LoraFit(
                content.config(),
                content.factors().stream().map(LayerFactors::spec).toList(),
                content.fullLayers().stream().map(FullLayer::vertex).toList(),
                List.of());
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
