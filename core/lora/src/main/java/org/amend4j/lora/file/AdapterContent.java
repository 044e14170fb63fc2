/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Scheme;
import org.amend4j.model.BaseModel;
import org.amend4j.model.Fingerprint;
import org.amend4j.model.TorchLayer;

/**
 * Everything a saved adapter holds, in Deeplearning4j's terms. The arrays are not copied.
 *
 * @param config the configuration the adapter was made with
 * @param baseSha256 fingerprint of the base as 64 hexadecimal digits; empty if unknown, as in a foreign adapter
 * @param layerSha256 fingerprint of each layer of the base, by name; empty if unknown
 * @param factors adapters, each weight once, in the network's order
 * @param fullLayers layers trained in full, each vertex once, in the network's order
 * @param biases trained biases of other layers, by the configuration's bias mode
 * @param tokens trained rows of embeddings, each vertex once
 * @param origin what the file it was read from says beside that, and is written again
 */
public record AdapterContent(
        LoraConfig config,
        String baseSha256,
        Map<String, String> layerSha256,
        List<LayerFactors> factors,
        List<FullLayer> fullLayers,
        List<TrainedBias> biases,
        List<TrainedTokens> tokens,
        Optional<PeftOrigin> origin) {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /** How much of an adapter PEFT computes as we do. */
    public enum PeftCompatibility {
        /** All of it. */
        EXACT,
        /** Some of it: a convolution that PEFT computes otherwise, or a layer it does not know. */
        PARTIAL,
        /** Nothing: PEFT loads no adapter without factors of a weight it knows. */
        NONE
    }

    /** @throws IllegalArgumentException if the parts contradict each other */
    public AdapterContent {
        Checks.present("the configuration", config);
        if (!Checks.present("the fingerprint of the base", baseSha256).isEmpty()) {
            requireSha256("the base", baseSha256);
        }
        layerSha256 = Collections.unmodifiableMap(new TreeMap<>(Checks.ordered("layerSha256", layerSha256)));
        layerSha256.forEach((name, value) -> requireSha256("layer '" + name + "'", value));
        factors = List.copyOf(factors);
        fullLayers = List.copyOf(fullLayers);
        biases = List.copyOf(biases);
        tokens = List.copyOf(tokens);
        Set<String> seen = new HashSet<>();
        factors.forEach(layer -> requireNew(seen, layer.name()));
        fullLayers.forEach(layer -> requireNew(seen, layer.vertex()));
        tokens.forEach(embedding -> requireNew(seen, embedding.vertex()));
        requireBiases(config.scheme().bias(), biases, factors, fullLayers);
        requireTokens(config.trainedTokens(), tokens);
        requireApart(biases, tokens);
        if (seen.isEmpty()) {
            throw new IllegalArgumentException("an adapter must have a layer");
        }
        for (LayerFactors layer : factors) {
            requireFit(config, layer.spec());
        }
        List<String> full = fullLayers.stream().map(FullLayer::vertex).toList();
        NamePattern.requireEachMatches("layer trained in full", config.trainedInFull(), full);
        full.stream()
                .filter(NamePattern.anyOf(config.trainedInFull()).negate())
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException(
                            "the configuration must name '" + name + "' as a layer trained in full");
                });
    }

    /** Factors and layers trained in full alone. */
    public AdapterContent(
            LoraConfig config,
            String baseSha256,
            Map<String, String> layerSha256,
            List<LayerFactors> factors,
            List<FullLayer> fullLayers) {
        this(config, baseSha256, layerSha256, factors, fullLayers, List.of(), List.of(), Optional.empty());
    }

    /**
     * This, with its base as PEFT opens it by itself. What a file that it was read from says of the base stays as it is.
     */
    public AdapterContent openedOn(PeftBase base) {
        return from(PeftOrigin.of(this, base));
    }

    /**
     * This, with these names of modules of ViT and DINOv2 in its files. Where none were asked for they are those of transformers 5, but in
     * {@link AdapterFile#export} of what PEFT wrote, which keeps its own.
     */
    public AdapterContent named(ModuleNames names) {
        return from(PeftOrigin.of(this, Checks.present("the names", names)));
    }

    /** The names of modules that were asked for. */
    Optional<ModuleNames> moduleNames() {
        return origin.flatMap(PeftOrigin::moduleNames);
    }

    /** This, as read from there. */
    AdapterContent from(PeftOrigin read) {
        return new AdapterContent(
                config, baseSha256, layerSha256, factors, fullLayers, biases, tokens, Optional.of(read));
    }

    /** This as of these layers of its base alone, which may be a part of another network: what the files say of that is left out. */
    AdapterContent inPart(Set<String> layers) {
        Map<String, String> ofLayers = new TreeMap<>(layerSha256);
        ofLayers.keySet().retainAll(layers);
        return new AdapterContent(config, "", ofLayers, factors, fullLayers, biases, tokens, Optional.empty());
    }

    /**
     * Refuses a base with other weights than the adapter was made for. An adapter of another program has no fingerprint and passes.
     *
     * @throws IllegalArgumentException naming both fingerprints and the first layer that differs
     */
    public void requireBase(BaseModel base) {
        String expected = baseSha256;
        if (!expected.isEmpty() && !expected.equals(base.fingerprint().hex())) {
            throw new IllegalArgumentException("the adapter was made for the base model " + new Fingerprint(expected)
                    + ", not for " + base.fingerprint() + firstDifference(base));
        }
        if (expected.isEmpty()) {
            layerSha256.forEach((name, sha256) -> requireLayer(name, sha256, base));
        }
    }

    /** What is known of an adapter's layers and not of its whole base: they may have another beginning of their names there. */
    private static void requireLayer(String name, String sha256, BaseModel base) {
        boolean same = base.layerFingerprints().keySet().stream()
                .filter(vertex -> name.equals(vertex) || name.endsWith("." + vertex))
                .anyMatch(vertex -> base.layerFingerprintAs(vertex, name).hex().equals(sha256));
        if (!same) {
            throw new IllegalArgumentException("the adapter was made for a layer '" + name
                    + "' of another configuration or with other weights than the base's");
        }
    }

    private String firstDifference(BaseModel base) {
        Map<String, Fingerprint> layers = base.layerFingerprints();
        return layerSha256.entrySet().stream()
                .filter(entry -> !layers.containsKey(entry.getKey())
                        || !layers.get(entry.getKey()).hex().equals(entry.getValue()))
                .findFirst()
                .map(entry -> " (first difference: layer '" + entry.getKey() + "')")
                .orElse("");
    }

    /** This with its batch norms as a base keeps theirs. */
    public AdapterContent fittedTo(BaseModel base) {
        List<FullLayer> fitted = fullLayers.stream()
                .map(layer -> NormStatistics.as(LayersOfBase.as(layer, base), base))
                .toList();
        return new AdapterContent(config, baseSha256, layerSha256, factors, fitted, biases, tokens, origin);
    }

    /**
     * What it holds beside factors and layers trained in full: DoRA's magnitudes, trained biases, biases on B or trained tokens, in
     * words, if there is something.
     */
    public Optional<String> besideFactors() {
        if (!tokens.isEmpty()) {
            return Optional.of("trained tokens");
        }
        boolean plain = config.scheme().equals(Scheme.PLAIN) && biases.isEmpty();
        return plain ? Optional.empty() : Optional.of(config.scheme().toString());
    }

    /** How much of it PEFT computes as we do. */
    public PeftCompatibility peftCompatibility() {
        if (factors.stream().noneMatch(LayerFactors::isPeft)) {
            return PeftCompatibility.NONE;
        }
        boolean exact = factors.stream().allMatch(LayerFactors::peftExact)
                && fullLayers.stream().allMatch(AdapterContent::isPeft)
                && biases.stream().allMatch(TrainedBias::torch);
        return exact ? PeftCompatibility.EXACT : PeftCompatibility.PARTIAL;
    }

    static boolean isPeft(FullLayer layer) {
        boolean hasGain = layer.kind() == TorchLayer.DENSE && layer.parameters().containsKey("g");
        return layer.kind() != TorchLayer.OTHER && !hasGain;
    }

    private static void requireBiases(
            BiasMode mode, List<TrainedBias> biases, List<LayerFactors> factors, List<FullLayer> fullLayers) {
        Set<String> adapted = factors.stream().map(LayerFactors::vertex).collect(Collectors.toSet());
        Set<String> full = fullLayers.stream().map(FullLayer::vertex).collect(Collectors.toSet());
        Set<String> seen = new HashSet<>();
        for (TrainedBias bias : biases) {
            String name = bias.vertex();
            if (mode == BiasMode.NONE || (mode == BiasMode.ADAPTED && !adapted.contains(name)) || full.contains(name)) {
                throw new IllegalArgumentException(
                        "the bias of '" + name + "' must not be trained beside its layer by the bias mode " + mode);
            }
            if (!seen.add(name + "." + bias.parameter())) {
                throw new IllegalArgumentException("the bias of '" + name + "' must appear once");
            }
        }
    }

    /** As training has it: the rows of an embedding, or its bias. */
    private static void requireApart(List<TrainedBias> biases, List<TrainedTokens> tokens) {
        for (TrainedTokens some : tokens) {
            if (biases.stream().anyMatch(bias -> bias.vertex().equals(some.vertex()))) {
                throw new IllegalArgumentException(
                        "an adapter must not hold trained tokens and a trained bias of one embedding, got '"
                                + some.vertex() + "'");
            }
        }
    }

    private static void requireTokens(Map<String, List<Integer>> wanted, List<TrainedTokens> tokens) {
        List<String> names = tokens.stream().map(TrainedTokens::vertex).toList();
        NamePattern.requireEachMatches("embedding with trained tokens", List.copyOf(wanted.keySet()), names);
        for (TrainedTokens some : tokens) {
            boolean named = wanted.entrySet().stream()
                    .anyMatch(
                            entry -> NamePattern.anyOf(List.of(entry.getKey())).test(some.vertex())
                                    && entry.getValue().equals(some.indices()));
            if (!named) {
                throw new IllegalArgumentException("the configuration must name the trained tokens " + some.indices()
                        + " of '" + some.vertex() + "', got " + wanted);
            }
        }
    }

    private static void requireFit(LoraConfig config, AdapterSpec spec) {
        boolean rank = spec.rank() == config.rank() || config.rankPattern().containsValue(spec.rank());
        boolean alpha = spec.alpha() == config.alpha() || config.alphaPattern().containsValue(spec.alpha());
        boolean scaling = spec.scaling() == config.scaling(spec.rank(), spec.alpha());
        if (!rank
                || !alpha
                || !scaling
                || spec.dropout() != config.dropout()
                || !spec.init().equals(config.init())
                || !spec.scheme().equals(config.scheme())) {
            throw new IllegalArgumentException(
                    "the adapter of '" + spec.target() + "' must follow the configuration, got " + spec);
        }
    }

    private static void requireSha256(String what, String value) {
        if (!SHA256.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "the fingerprint of " + what + " must be 64 hexadecimal digits, got '" + value + "'");
        }
    }

    private static void requireNew(Set<String> seen, String name) {
        if (!seen.add(name)) {
            throw new IllegalArgumentException("the name '" + name + "' must appear once");
        }
    }
}
