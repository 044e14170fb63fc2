/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.amend4j.internal.lora.layer.LayerShare.Beside;
import org.amend4j.internal.lora.layer.LayerShare.Term;
import org.amend4j.lora.ResolvedLoraConfig;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.FactorVectors;
import org.amend4j.lora.file.FullLayer;
import org.amend4j.lora.file.LayerFactors;
import org.amend4j.lora.file.TrainedBias;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An adapter without trained tokens that was found to fit a base, with a copy of its arrays in the base's type and orders; immutable. */
public final class FittedAdapter {

    private final AdapterContent content;
    private final Map<String, List<LayerFactors>> factors = new LinkedHashMap<>();
    private final Map<String, Map<String, INDArray>> trained = new LinkedHashMap<>();
    private final Map<String, Map<String, INDArray>> biases = new LinkedHashMap<>();

    private FittedAdapter(AdapterContent content) {
        this.content = content;
        content.factors()
                .forEach(layer -> factors.computeIfAbsent(layer.vertex(), none -> new ArrayList<>())
                        .add(layer));
        content.fullLayers().forEach(layer -> trained.put(layer.vertex(), layer.parameters()));
        content.biases()
                .forEach(bias -> biases.computeIfAbsent(bias.vertex(), none -> new LinkedHashMap<>())
                        .put(bias.parameter(), bias.values()));
    }

    /**
     * Checks an adapter and copies it.
     *
     * @throws IllegalArgumentException if it was made for another base, its arrays do not fit, or it has trained tokens
     */
    public static FittedAdapter of(BaseModel base, AdapterContent content) {
        requireNoTokens(content);
        content.requireBase(base);
        AdapterContent fitted = content.fittedTo(base);
        ResolvedLoraConfig.of(base, fitted); // which checks it
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return new FittedAdapter(new AdapterContent(
                    fitted.config(),
                    base.fingerprint().hex(),
                    layers(base),
                    fitted.factors().stream().map(layer -> copy(layer, base)).toList(),
                    fitted.fullLayers().stream().map(layer -> copy(layer, base)).toList(),
                    fitted.biases().stream().map(bias -> copy(bias, base)).toList(),
                    List.of(),
                    Optional.empty()));
        }
    }

    private static void requireNoTokens(AdapterContent content) {
        if (!content.tokens().isEmpty()) {
            throw new IllegalArgumentException(
                    "several adapters on one base must be without trained tokens, got those of '"
                            + content.tokens().get(0).vertex() + "': merge such an adapter instead");
        }
    }

    private static Map<String, String> layers(BaseModel base) {
        Map<String, String> layers = new LinkedHashMap<>();
        base.layerFingerprints().forEach((name, fingerprint) -> layers.put(name, fingerprint.hex()));
        return layers;
    }

    private static LayerFactors copy(LayerFactors layer, BaseModel base) {
        return new LayerFactors(
                layer.weight(),
                layer.layout(),
                layer.spec(),
                layer.peftExact(),
                copy(layer.a(), base, 'f'),
                copy(layer.b(), base, 'f'),
                new FactorVectors(
                        layer.vectors().magnitude().map(m -> row(m, base)),
                        layer.vectors().bias().map(b -> row(b, base))));
    }

    private static TrainedBias copy(TrainedBias bias, BaseModel base) {
        return new TrainedBias(bias.vertex(), bias.parameter(), bias.torch(), row(bias.values(), base));
    }

    private static INDArray row(INDArray vector, BaseModel base) {
        return copy(vector.reshape('c', new long[] {1, vector.length()}), base, 'c');
    }

    private static FullLayer copy(FullLayer layer, BaseModel base) {
        Map<String, INDArray> like = base.parameters(layer.vertex());
        Map<String, INDArray> copies = new LinkedHashMap<>();
        layer.parameters()
                .forEach((key, values) -> copies.put(
                        key,
                        copy(
                                values,
                                base,
                                Objects.requireNonNull(like.get(key), key).ordering())));
        return new FullLayer(layer.vertex(), layer.kind(), copies);
    }

    private static INDArray copy(INDArray values, BaseModel base, char order) {
        return Nd4j.createUninitialized(base.dataType(), values.shape(), order).assign(values);
    }

    /** The adapter, with the arrays that this computes with: only to be read. */
    public AdapterContent content() {
        return content;
    }

    /** What its arrays take, in bytes. */
    public long bytes() {
        long elements =
                content.factors().stream().mapToLong(LayerFactors::elements).sum()
                        + content.biases().stream()
                                .mapToLong(bias -> bias.values().length())
                                .sum()
                        + trained.values().stream()
                                .flatMap(layer -> layer.values().stream())
                                .mapToLong(INDArray::length)
                                .sum();
        boolean twice = content.factors().stream().anyMatch(FittedAdapter::isDouble)
                || trained.values().stream()
                        .anyMatch(layer ->
                                layer.values().iterator().next().dataType().width() == Double.BYTES);
        return elements * (twice ? Double.BYTES : Float.BYTES);
    }

    private static boolean isDouble(LayerFactors layer) {
        return layer.dataType().width() == Double.BYTES;
    }

    /** Names of the vertices that it changes. */
    public Set<String> vertices() {
        Set<String> all = new HashSet<>(factors.keySet());
        all.addAll(trained.keySet());
        all.addAll(biases.keySet());
        return all;
    }

    /** What it holds beside factors and layers trained in full, in words, if there is something: it cannot be added to other adapters. */
    public Optional<String> besideFactors() {
        return content.besideFactors();
    }

    /** Names of the layers that it brings with it, trained in full. */
    public Set<String> trained() {
        return trained.keySet();
    }

    /** Parameters of its own for a layer, by key; none if it has not trained it. */
    Map<String, INDArray> trained(String vertex) {
        return trained.getOrDefault(vertex, Map.of());
    }

    /** What it adds to the weights of a vertex; nothing to most. */
    List<LayerFactors> factors(String vertex) {
        return factors.getOrDefault(vertex, List.of());
    }

    /** Biases of the base that it has trained, of a vertex, by key. */
    Map<String, INDArray> biases(String vertex) {
        return biases.getOrDefault(vertex, Map.of());
    }

    /** What stands beside a layer's only weight's term. */
    Beside beside(String vertex) {
        Optional<FactorVectors> vectors = factors(vertex).stream().findFirst().map(LayerFactors::vectors);
        Optional<INDArray> bias = Optional.ofNullable(biases(vertex).get(DefaultParamInitializer.BIAS_KEY));
        return vectors.isEmpty() && bias.isEmpty()
                ? Beside.NONE
                : new Beside(vectors.flatMap(FactorVectors::magnitude), bias, vectors.flatMap(FactorVectors::bias));
    }

    /** A layer's only weight's. */
    Optional<Term> term(String vertex, double scale) {
        return factors(vertex).stream()
                .findFirst()
                .map(layer ->
                        new Term(layer.a(), layer.b(), scale * layer.spec().scaling()));
    }
}
