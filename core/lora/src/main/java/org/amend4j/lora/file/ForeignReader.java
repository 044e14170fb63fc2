/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Scheme;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.TorchLayer;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.TensorInfo;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads an adapter that PEFT wrote for the PyTorch version of a network. The tensors say which layers there are; the
 * configuration says only how they are scaled. Of an adapter that amend4j wrote so that PEFT reads it, it also keeps which base it is for.
 */
final class ForeignReader {
    private final AdapterTensors file;
    private final Path path;
    private final Map<String, String> vertices;
    private final ForeignModules found;
    private final Map<String, Map<String, TensorInfo>> modules;

    ForeignReader(AdapterTensors file, ForeignModules modules, Map<String, String> vertices) {
        this.file = file;
        this.path = file.path();
        this.found = modules;
        this.modules = modules.tensors();
        this.vertices = Map.copyOf(vertices);
    }

    AdapterContent read(JsonFields peft) throws IOException {
        if (!peft.has("target_modules")) {
            throw new AdapterFormatException(peft.file(), "'target_modules' is missing");
        }
        Optional<String> incomplete = found.incomplete(peft);
        if (incomplete.isPresent()) {
            throw new AdapterFormatException(peft.file(), incomplete.get());
        }
        try {
            requireMapped();
            return content(peft, new ForeignScaling(peft));
        } catch (IllegalArgumentException e) {
            throw new AdapterFormatException(path, String.valueOf(e.getMessage()), e);
        }
    }

    private void requireMapped() throws AdapterFormatException {
        for (String module : modules.keySet()) {
            if (!vertices.containsKey(module)) {
                throw new AdapterFormatException(path, "no vertex is given for the module " + Printable.quoted(module));
            }
        }
        for (String module : vertices.keySet()) {
            if (!modules.containsKey(module)) {
                throw new AdapterFormatException(
                        path,
                        "there is no module " + Printable.quoted(module) + "; modules: "
                                + Checks.listed(List.copyOf(modules.keySet())));
            }
        }
    }

    private AdapterContent content(JsonFields peft, ForeignScaling scaling) throws IOException {
        List<LayerFactors> factors = new ArrayList<>();
        List<FullLayer> fullLayers = new ArrayList<>();
        List<TrainedBias> biases = new ArrayList<>();
        List<TrainedTokens> tokens = new ArrayList<>();
        boolean someBiases = scaling.config().scheme().bias() != BiasMode.NONE;
        for (Map.Entry<String, Map<String, TensorInfo>> module : modules.entrySet()) {
            String name = module.getKey();
            String vertex = vertices.getOrDefault(name, "");
            Map<String, TensorInfo> tensors = module.getValue();
            TensorInfo bias = tensors.get(ForeignModules.BIAS);
            TensorInfo rows = tensors.get(StoredTensor.TOKENS);
            if (found.isAdapted(name)) {
                factors.add(factors(vertex, module, scaling));
                if (bias != null) {
                    biases.add(new TrainedBias(vertex, "b", true, plain(vertex, bias)));
                }
            } else if (bias != null && tensors.size() == 1 && someBiases) {
                biases.add(new TrainedBias(vertex, "b", true, plain(vertex, bias)));
            } else if (rows != null && tensors.size() == 1) {
                tokens.add(new TrainedTokens(vertex, new ForeignTokens(peft).of(name), plain(vertex, rows)));
            } else {
                fullLayers.add(full(vertex, tensors));
            }
        }
        if (tokens.isEmpty() && !PeftKeys.value(peft, ForeignTokens.KEY).isEmpty()) {
            throw new AdapterFormatException(
                    path,
                    "the rows of " + ForeignTokens.KEY + " are missing: no tensor ends in " + StoredTensor.TOKENS);
        }
        LoraConfig config = TrainedTokens.named(config(scaling.config(), factors, fullLayers), tokens);
        BaseRecord base = BaseRecord.of(file);
        AdapterContent content = new AdapterContent(
                config, base.sha256(), base.layers(), factors, fullLayers, biases, tokens, Optional.empty());
        Map<String, String> names = new HashMap<>();
        vertices.forEach((module, vertex) -> names.put(vertex, module));
        return content.from(PeftOrigin.ofPeft(peft, content, types(), new ModuleNaming(names)));
    }

    /** The type of each tensor, by the key that it has with its vertex's name in place of the module's. */
    private Map<String, DType> types() {
        Map<String, DType> types = new HashMap<>();
        modules.forEach((module, tensors) -> tensors.values().forEach(tensor -> {
            String after = tensor.name().substring((StoredTensor.PREFIX + module).length());
            types.put(StoredTensor.PREFIX + vertices.getOrDefault(module, "") + after, tensor.dtype());
        }));
        return types;
    }

    /** The general settings, with names in place of PEFT's patterns. */
    static LoraConfig config(LoraConfig general, List<LayerFactors> factors, List<FullLayer> fullLayers) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        Map<String, Double> alphas = new LinkedHashMap<>();
        for (LayerFactors layer : factors) {
            if (layer.spec().rank() != general.rank()) {
                ranks.put(NamePattern.exactly(layer.vertex()), layer.spec().rank());
            }
            if (layer.spec().alpha() != general.alpha()) {
                alphas.put(NamePattern.exactly(layer.vertex()), layer.spec().alpha());
            }
        }
        return general.withTargets(new Targets.Names(
                        factors.stream().map(LayerFactors::vertex).toList()))
                .withRankPattern(ranks)
                .withAlphaPattern(alphas)
                .withTrainedInFull(fullLayers.stream().map(FullLayer::vertex).toList());
    }

    private LayerFactors factors(
            String vertex, Map.Entry<String, Map<String, TensorInfo>> module, ForeignScaling scaling)
            throws IOException {
        String name = module.getKey();
        Optional<String> unexpected = found.unexpected(name, scaling.config().scheme());
        if (unexpected.isPresent()) {
            throw new AdapterFormatException(path, unexpected.get());
        }
        Map<String, TensorInfo> tensors = new TreeMap<>(module.getValue());
        if (scaling.config().scheme().bias() != BiasMode.NONE) {
            tensors.remove(ForeignModules.BIAS);
        }
        AdaptedWeight weight = AdaptedWeight.single(vertex, LayerFactors.WEIGHT);
        AdapterSpec spec = scaling.config().adapter(vertex, scaling.rank(name), scaling.alpha(name));
        FactorLayout layout = layout(tensors);
        long inputs = sizes(tensors, ForeignModules.EMBEDDING_A, ForeignModules.FACTOR_A)
                .get(1);
        long outputs = sizes(tensors, ForeignModules.EMBEDDING_B, ForeignModules.FACTOR_B)
                .get(0);
        List<INDArray> arrays = new ArrayList<>();
        List<StoredTensor> expected = new ArrayList<>();
        for (StoredTensor tensor : StoredTensor.ofFactors(weight, layout, inputs, outputs, spec)) {
            String suffix = tensor.key().substring((StoredTensor.PREFIX + vertex).length());
            TensorInfo info = tensors.get(suffix);
            expected.add(info == null ? tensor : tensor.called(info.name()));
        }
        StoredTensor.requireTensors(
                path,
                expected,
                tensors.values().stream().collect(Collectors.toMap(TensorInfo::name, Function.identity())));
        for (StoredTensor tensor : expected) {
            arrays.add(TensorCodec.decode(tensor, file));
        }
        return new LayerFactors(
                weight, layout, spec, true, arrays.get(0), arrays.get(1), vectors(spec.scheme(), arrays));
    }

    private static FactorVectors vectors(Scheme scheme, List<INDArray> arrays) {
        if (scheme.hasMagnitude()) {
            return FactorVectors.ofMagnitude(arrays.get(2));
        }
        return scheme.biasOnB() ? FactorVectors.ofBias(arrays.get(2)) : FactorVectors.NONE;
    }

    /** By the name and the sizes of A. */
    private FactorLayout layout(Map<String, TensorInfo> tensors) throws AdapterFormatException {
        if (tensors.containsKey(ForeignModules.EMBEDDING_A)) {
            return new FactorLayout.Embedding();
        }
        List<Integer> kernel = new ArrayList<>();
        List<Long> shape = sizes(tensors, ForeignModules.FACTOR_A, ForeignModules.FACTOR_A);
        for (long size : shape.subList(2, shape.size())) {
            if (size > Integer.MAX_VALUE) {
                throw broken("lora_A.weight", "must have a kernel of possible size, got " + shape);
            }
            kernel.add((int) size);
        }
        return FactorLayout.ofKernel(kernel);
    }

    /** Sizes of a factor, which has one of two names: 2 to 5. */
    private List<Long> sizes(Map<String, TensorInfo> tensors, String first, String second)
            throws AdapterFormatException {
        TensorInfo factor = tensors.getOrDefault(first, tensors.get(second));
        if (factor == null) {
            throw new IllegalStateException("a factor is there: " + tensors.keySet());
        }
        if (factor.shape().size() < 2 || factor.shape().size() > 5) {
            throw broken(factor.name(), "must have 2 to 5 sizes, got " + factor.shape());
        }
        return factor.shape();
    }

    private FullLayer full(String vertex, Map<String, TensorInfo> tensors) throws IOException {
        boolean norm = tensors.containsKey(".running_mean");
        Map<String, INDArray> parameters = new TreeMap<>();
        TorchLayer kind = norm ? TorchLayer.BATCH_NORM : TorchLayer.DENSE;
        for (Map.Entry<String, TensorInfo> entry : tensors.entrySet()) {
            TensorInfo tensor = entry.getValue();
            switch (entry.getKey()) {
                case ".weight" -> {
                    kind = norm ? kind : kind(tensor);
                    String gain = norm ? "gamma" : "g";
                    boolean ofNorm = norm || kind == TorchLayer.ROW_NORM;
                    parameters.put(ofNorm ? gain : "W", weight(vertex, kind, tensor));
                }
                case ".bias" -> parameters.put(norm ? "beta" : "b", plain(vertex, tensor));
                case ".running_mean" -> parameters.put("mean", plain(vertex, tensor));
                case ".running_var" -> parameters.put("var", plain(vertex, tensor));
                // Ours is beside running_var, which says the same.
                case ".num_batches_tracked", ".log10stdev" -> {
                    if (!norm) {
                        throw broken(tensor.name(), "belongs to a batch norm, which must have running_mean");
                    }
                }
                default -> throw broken(tensor.name(), "is of a kind that is not supported");
            }
        }
        return new FullLayer(vertex, kind, parameters);
    }

    private TorchLayer kind(TensorInfo weight) throws AdapterFormatException {
        return switch (weight.shape().size()) {
            case 1 -> TorchLayer.ROW_NORM;
            case 2 -> TorchLayer.DENSE;
            case 3 -> TorchLayer.CONV1D;
            case 4 -> TorchLayer.CONV2D;
            default -> throw broken(weight.name(), "must have 1 to 4 sizes, got " + weight.shape());
        };
    }

    private INDArray weight(String vertex, TorchLayer kind, TensorInfo tensor) throws IOException {
        List<Long> shape = tensor.shape();
        return switch (kind) {
            case DENSE ->
                Conv1dModules.contain(vertex)
                        ? plain(vertex, tensor)
                        : decoded(vertex, tensor, StoredTensor.Layout.TRANSPOSED, List.of(shape.get(1), shape.get(0)));
            case CONV1D ->
                decoded(
                        vertex,
                        tensor,
                        StoredTensor.Layout.CONV1D_KERNEL,
                        List.of(shape.get(0), shape.get(1), shape.get(2), 1L));
            default -> plain(vertex, tensor);
        };
    }

    private INDArray plain(String vertex, TensorInfo tensor) throws IOException {
        return decoded(vertex, tensor, StoredTensor.Layout.PLAIN, tensor.shape());
    }

    private INDArray decoded(String vertex, TensorInfo tensor, StoredTensor.Layout layout, List<Long> shape)
            throws IOException {
        if (tensor.elements() == 0) {
            throw broken(tensor.name(), "must have a value");
        }
        return TensorCodec.decode(new StoredTensor(tensor.name(), vertex, "", layout, shape, tensor.shape()), file);
    }

    private AdapterFormatException broken(String tensor, String rule) {
        return new AdapterFormatException(path, "the tensor " + Printable.quoted(tensor) + " " + rule);
    }
}
