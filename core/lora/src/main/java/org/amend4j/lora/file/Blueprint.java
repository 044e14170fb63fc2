/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Scheme;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.TorchLayer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An adapter without its values: what the file records beside the tensors, and enough to know every tensor that must be
 * there. The text is canonical, so two blueprints are equal exactly if their texts are.
 */
record Blueprint(
        LoraConfig config, List<Adapter> adapters, List<Full> fullLayers, List<Bias> biases, List<Tokens> tokens) {
    private static final String WHAT = "amend4j.config";

    record Adapter(
            AdaptedWeight weight, AdapterSpec spec, FactorLayout layout, boolean peftExact, long inputs, long outputs) {
        static Adapter of(LayerFactors layer) {
            return new Adapter(
                    layer.weight(), layer.spec(), layer.layout(), layer.peftExact(), layer.inputs(), layer.outputs());
        }

        List<StoredTensor> tensors() {
            return StoredTensor.ofFactors(weight, layout, inputs, outputs, spec);
        }

        LayerFactors with(Map<String, INDArray> values) {
            Map<String, INDArray> parts = new HashMap<>();
            String before = tensors().get(0).parameter().replaceFirst("A$", "");
            tensors()
                    .forEach(tensor -> parts.put(tensor.parameter().substring(before.length()), value(values, tensor)));
            return new LayerFactors(
                    weight,
                    layout,
                    spec,
                    peftExact,
                    Objects.requireNonNull(parts.get("A")),
                    Objects.requireNonNull(parts.get("B")),
                    new FactorVectors(Optional.ofNullable(parts.get("m")), Optional.ofNullable(parts.get("B.b"))));
        }
    }

    record Bias(String vertex, String parameter, boolean torch, List<Long> shape) {}

    record Tokens(String vertex, List<Integer> indices, long dimensions) {
        StoredTensor tensor() {
            return StoredTensor.ofTokens(vertex, indices.size(), dimensions);
        }
    }

    record Full(String vertex, TorchLayer kind, Map<String, List<Long>> shapes) {
        List<StoredTensor> tensors() {
            return StoredTensor.ofFull(vertex, kind, shapes);
        }
    }

    /** Whether it is of the same layers and settings, whether a bias is a row, as a model has it, or a vector, as a file does. */
    boolean isLike(Blueprint other) {
        return withRows().equals(other.withRows());
    }

    private Blueprint withRows() {
        return new Blueprint(
                config,
                adapters,
                fullLayers,
                biases.stream()
                        .map(bias -> new Bias(
                                bias.vertex(),
                                bias.parameter(),
                                bias.torch(),
                                List.of(bias.shape().stream().reduce(1L, Math::multiplyExact))))
                        .toList(),
                tokens);
    }

    static Blueprint of(AdapterContent content) {
        List<Adapter> adapters = content.factors().stream().map(Adapter::of).toList();
        List<Full> fullLayers = new ArrayList<>();
        for (FullLayer layer : content.fullLayers()) {
            fullLayers.add(new Full(layer.vertex(), layer.kind(), StoredTensor.shapes(layer.parameters())));
        }
        List<Bias> biases = content.biases().stream()
                .map(bias -> new Bias(bias.vertex(), bias.parameter(), bias.torch(), ArrayChecks.shape(bias.values())))
                .toList();
        List<Tokens> tokens = content.tokens().stream()
                .map(trained -> new Tokens(
                        trained.vertex(), trained.indices(), trained.rows().size(1)))
                .toList();
        return new Blueprint(content.config(), adapters, fullLayers, biases, tokens);
    }

    /**
     * The adapter with its values.
     *
     * @param values of every tensor that is not derived, by key
     */
    AdapterContent with(Map<String, INDArray> values, String baseSha256, Map<String, String> layerSha256) {
        List<LayerFactors> factors =
                adapters.stream().map(adapter -> adapter.with(values)).toList();
        List<FullLayer> full = new ArrayList<>();
        for (Full layer : fullLayers) {
            Map<String, INDArray> parameters = new TreeMap<>();
            layer.tensors().stream()
                    .filter(tensor -> !tensor.layout().isDerived())
                    .forEach(tensor -> parameters.put(tensor.parameter(), value(values, tensor)));
            full.add(new FullLayer(layer.vertex(), layer.kind(), parameters));
        }
        List<TrainedBias> trained = biases.stream()
                .map(bias ->
                        new TrainedBias(bias.vertex(), bias.parameter(), bias.torch(), value(values, tensor(bias))))
                .toList();
        List<TrainedTokens> rows = tokens.stream()
                .map(some -> new TrainedTokens(some.vertex(), some.indices(), value(values, some.tensor())))
                .toList();
        return new AdapterContent(config, baseSha256, layerSha256, factors, full, trained, rows, Optional.empty());
    }

    private static INDArray value(Map<String, INDArray> values, StoredTensor tensor) {
        return Objects.requireNonNull(values.get(tensor.key()), tensor.key());
    }

    /** Every tensor of the adapter, in its order. */
    List<StoredTensor> tensors() {
        List<StoredTensor> tensors = new ArrayList<>();
        adapters.forEach(adapter -> tensors.addAll(adapter.tensors()));
        fullLayers.forEach(layer -> tensors.addAll(layer.tensors()));
        biases.forEach(bias -> tensors.add(tensor(bias)));
        tokens.forEach(some -> tensors.add(some.tensor()));
        return tensors;
    }

    StoredTensor tensor(Bias bias) {
        return StoredTensor.ofBias(
                bias.vertex(), bias.parameter(), bias.torch(), isAdapted(bias.vertex()), bias.shape());
    }

    /** Whether PEFT has an adapter around this module. */
    private boolean isAdapted(String vertex) {
        return adapters.stream()
                .filter(adapter -> adapter.weight().vertex().equals(vertex))
                .anyMatch(adapter -> LayerFactors.isPeft(adapter.weight(), adapter.layout()));
    }

    /** The text of {@code amend4j.keys}: tensor key to vertex, parameter and layout. */
    String keysText(ModuleNaming naming) {
        Map<String, Object> keys = new TreeMap<>();
        for (StoredTensor tensor : tensors()) {
            keys.put(
                    naming.of(tensor).key(),
                    Map.of(
                            "layout", tensor.layout().name(),
                            "parameter", tensor.parameter(),
                            "shape", tensor.shape(),
                            "vertex", tensor.vertex()));
        }
        return StrictJson.compact(keys);
    }

    /** The text of {@code amend4j.config}. */
    String configText() {
        Map<String, Object> text = new TreeMap<>();
        text.put("adapters", adapters.stream().map(Blueprint::asMap).toList());
        text.put("alpha", config.alpha());
        text.put("alpha_pattern", config.alphaPattern());
        if (!biases.isEmpty()) {
            text.put("biases", biases.stream().map(Blueprint::asMap).toList());
        }
        text.put("dropout", config.dropout());
        text.put("exclusions", config.exclusions());
        text.put("full_layers", fullLayers.stream().map(Blueprint::asMap).toList());
        text.put("init", config.init().name());
        text.put("rank", config.rank());
        text.put("rank_pattern", config.rankPattern());
        text.put("rs_lora", config.rsLora());
        if (!config.scheme().equals(Scheme.PLAIN)) {
            text.put("scheme", asMap(config.scheme()));
        }
        text.put("targets", asMap(config.targets()));
        if (!tokens.isEmpty()) {
            text.put("tokens", tokens.stream().map(Blueprint::asMap).toList());
        }
        text.put("trained_in_full", config.trainedInFull());
        return StrictJson.compact(text);
    }

    /**
     * Reads {@code amend4j.config}.
     *
     * @throws AdapterFormatException if a field is missing or of the wrong type
     * @throws IllegalArgumentException if a value breaks the rule of its record
     */
    static Blueprint parse(Path file, String text) throws AdapterFormatException {
        JsonFields fields = StrictJson.object(file, WHAT, text);
        List<Tokens> tokens = tokens(fields);
        LoraConfig config = new LoraConfig(
                fields.integer("rank"),
                fields.number("alpha"),
                fields.bool("rs_lora"),
                targets(fields.object("targets")),
                fields.texts("exclusions"),
                fields.integerMap("rank_pattern"),
                fields.numberMap("alpha_pattern"),
                fields.number("dropout"),
                fields.texts("trained_in_full"),
                named(tokens),
                init(fields),
                fields.has("scheme") ? scheme(fields.object("scheme")) : Scheme.PLAIN);
        List<Adapter> adapters = new ArrayList<>();
        for (JsonFields adapter : fields.objects("adapters")) {
            adapters.add(adapter(config, adapter));
        }
        List<Full> fullLayers = new ArrayList<>();
        for (JsonFields layer : fields.objects("full_layers")) {
            fullLayers.add(full(layer));
        }
        return new Blueprint(config, adapters, fullLayers, biases(fields), tokens);
    }

    private static List<Bias> biases(JsonFields fields) throws AdapterFormatException {
        List<Bias> biases = new ArrayList<>();
        for (JsonFields bias : fields.has("biases") ? fields.objects("biases") : List.<JsonFields>of()) {
            biases.add(new Bias(bias.text("vertex"), bias.text("parameter"), bias.bool("torch"), bias.sizes("shape")));
        }
        return biases;
    }

    private static List<Tokens> tokens(JsonFields fields) throws AdapterFormatException {
        List<Tokens> tokens = new ArrayList<>();
        for (JsonFields some : fields.has("tokens") ? fields.objects("tokens") : List.<JsonFields>of()) {
            List<Long> dimensions = some.sizes("dimensions");
            if (dimensions.size() != 1) {
                throw new AdapterFormatException(some.file(), "'dimensions' of trained tokens must be one size");
            }
            tokens.add(new Tokens(some.text("vertex"), some.integers("indices"), dimensions.get(0)));
        }
        return tokens;
    }

    private static Map<String, List<Integer>> named(List<Tokens> tokens) {
        Map<String, List<Integer>> indices = new LinkedHashMap<>();
        tokens.forEach(some -> indices.put(some.vertex(), some.indices()));
        return indices;
    }

    private static Adapter adapter(LoraConfig config, JsonFields fields) throws AdapterFormatException {
        List<Long> sides = fields.sizes("sides");
        if (sides.size() != 2) {
            throw new AdapterFormatException(fields.file(), "'sides' of an adapter must be inputs and outputs");
        }
        return new Adapter(
                weight(fields),
                config.adapter(fields.text("target"), fields.integer("rank"), fields.number("alpha")),
                layout(fields),
                fields.bool("peft_exact"),
                sides.get(0),
                sides.get(1));
    }

    /** The single W of the target, unless the file says otherwise. */
    private static AdaptedWeight weight(JsonFields fields) throws AdapterFormatException {
        String parameter = fields.has("parameter") ? fields.text("parameter") : LayerFactors.WEIGHT;
        return fields.has("vertex")
                ? new AdaptedWeight(fields.text("vertex"), parameter, false)
                : AdaptedWeight.single(fields.text("target"), parameter);
    }

    private static FactorLayout layout(JsonFields fields) throws AdapterFormatException {
        FactorLayout layout = FactorLayout.ofKernel(fields.integers("kernel"));
        if (!fields.has("layout")) {
            return layout;
        }
        String name = fields.text("layout");
        if (!layout.kernel().isEmpty()) {
            throw new AdapterFormatException(fields.file(), "the layout '" + name + "' must have no kernel");
        }
        return switch (name) {
            case "embedding" -> new FactorLayout.Embedding();
            case "matrix" -> new FactorLayout.Matrix();
            default ->
                throw new AdapterFormatException(
                        fields.file(), "'layout' of an adapter must be embedding or matrix, got '" + name + "'");
        };
    }

    private static Full full(JsonFields fields) throws AdapterFormatException {
        JsonFields shapes = fields.object("shapes");
        Map<String, List<Long>> parameters = new TreeMap<>();
        for (String name : shapes.names()) {
            parameters.put(name, shapes.sizes(name));
        }
        return new Full(fields.text("vertex"), choice(fields, "kind", TorchLayer.class), parameters);
    }

    private static AdapterInit init(JsonFields fields) throws AdapterFormatException {
        try {
            return AdapterInit.named(fields.text("init"));
        } catch (IllegalArgumentException e) {
            throw new AdapterFormatException(fields.file(), "'init': " + e.getMessage(), e);
        }
    }

    private static Scheme scheme(JsonFields fields) throws AdapterFormatException {
        return new Scheme(
                choice(fields, "dora", Dora.class), choice(fields, "bias", BiasMode.class), fields.bool("bias_on_b"));
    }

    private static Map<String, Object> asMap(Scheme scheme) {
        return Map.of(
                "bias", scheme.bias().name(),
                "bias_on_b", scheme.biasOnB(),
                "dora", scheme.dora().name());
    }

    private static Targets targets(JsonFields fields) throws AdapterFormatException {
        String kind = fields.text("kind");
        return switch (kind) {
            case "names" -> new Targets.Names(fields.texts("names"));
            case "regex" -> new Targets.Regex(fields.text("pattern"));
            case "all-linear" -> new Targets.AllLinear();
            default ->
                throw new AdapterFormatException(
                        fields.file(), "'kind' of the targets must be names, regex or all-linear, got '" + kind + "'");
        };
    }

    private static <E extends Enum<E>> E choice(JsonFields fields, String field, Class<E> type)
            throws AdapterFormatException {
        String name = fields.text(field);
        try {
            return Enum.valueOf(type, name);
        } catch (IllegalArgumentException e) {
            throw new AdapterFormatException(
                    fields.file(),
                    "'" + field + "' must be one of " + List.of(type.getEnumConstants()) + ", got '" + name + "'",
                    e);
        }
    }

    private static Map<String, Object> asMap(Targets targets) {
        if (targets instanceof Targets.Names named) {
            return Map.of("kind", "names", "names", named.names());
        }
        if (targets instanceof Targets.Regex regex) {
            return Map.of("kind", "regex", "pattern", regex.pattern());
        }
        return Map.of("kind", "all-linear");
    }

    private static Map<String, Object> asMap(Adapter adapter) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("alpha", adapter.spec().alpha());
        map.put("kernel", adapter.layout().kernel());
        map.put("peft_exact", adapter.peftExact());
        map.put("rank", adapter.spec().rank());
        map.put("sides", List.of(adapter.inputs(), adapter.outputs()));
        map.put("target", adapter.spec().target());
        AdaptedWeight weight = adapter.weight();
        if (!weight.single()) {
            map.put("vertex", weight.vertex());
        }
        if (!weight.parameter().equals(LayerFactors.WEIGHT)) {
            map.put("parameter", weight.parameter());
        }
        if (adapter.layout() instanceof FactorLayout.Embedding) {
            map.put("layout", "embedding");
        } else if (adapter.layout() instanceof FactorLayout.Matrix) {
            map.put("layout", "matrix");
        }
        return map;
    }

    private static Map<String, Object> asMap(Bias bias) {
        return Map.of(
                "parameter", bias.parameter(),
                "shape", bias.shape(),
                "torch", bias.torch(),
                "vertex", bias.vertex());
    }

    private static Map<String, Object> asMap(Tokens some) {
        return Map.of(
                "dimensions", List.of(some.dimensions()),
                "indices", some.indices(),
                "vertex", some.vertex());
    }

    private static Map<String, Object> asMap(Full layer) {
        return Map.of("kind", layer.kind().name(), "shapes", layer.shapes(), "vertex", layer.vertex());
    }
}
