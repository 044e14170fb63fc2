/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.network.TorchLayer;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.TensorInfo;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads an adapter that PEFT wrote for the PyTorch version of a network. The tensors say which layers there are; the
 * configuration says only how they are scaled.
 */
final class ForeignReader {
    private final SafetensorsFile file;
    private final Path path;
    private final Map<String, String> vertices;
    private final ForeignModules found;
    private final Map<String, Map<String, TensorInfo>> modules;

    ForeignReader(SafetensorsFile file, ForeignModules modules, Map<String, String> vertices) {
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
            return content(new ForeignScaling(peft));
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

    private AdapterContent content(ForeignScaling scaling) throws IOException {
        List<LayerFactors> factors = new ArrayList<>();
        List<FullLayer> fullLayers = new ArrayList<>();
        LoraConfig general = scaling.config();
        for (Map.Entry<String, Map<String, TensorInfo>> module : modules.entrySet()) {
            String vertex = vertices.getOrDefault(module.getKey(), "");
            Map<String, TensorInfo> tensors = module.getValue();
            Optional<String> obstacle = found.obstacle(module.getKey());
            if (obstacle.isPresent()) {
                throw new AdapterFormatException(path, obstacle.get());
            }
            if (tensors.containsKey(ForeignModules.FACTOR_A) || tensors.containsKey(ForeignModules.FACTOR_B)) {
                factors.add(factors(vertex, tensors, scaling, module.getKey()));
            } else {
                fullLayers.add(full(vertex, tensors));
            }
        }
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
        LoraConfig config = new LoraConfig(
                general.rank(),
                general.alpha(),
                general.rsLora(),
                new Targets.Names(factors.stream().map(LayerFactors::vertex).toList()),
                List.of(),
                ranks,
                alphas,
                general.dropout(),
                fullLayers.stream().map(FullLayer::vertex).toList(),
                general.init(),
                general.scheme());
        return new AdapterContent(config, "", Map.of(), factors, fullLayers);
    }

    private LayerFactors factors(String vertex, Map<String, TensorInfo> tensors, ForeignScaling scaling, String module)
            throws IOException {
        TensorInfo a = tensors.get(ForeignModules.FACTOR_A);
        TensorInfo b = tensors.get(ForeignModules.FACTOR_B);
        if (a == null || b == null || tensors.size() != 2) {
            throw new AdapterFormatException(
                    path,
                    "the module " + Printable.quoted(module) + " must have lora_A.weight and lora_B.weight and no other"
                            + " tensor");
        }
        int rank = scaling.rank(module);
        List<Long> shape = a.shape();
        if (shape.size() < 2 || shape.size() > 4 || b.shape().isEmpty()) {
            throw broken(a.name(), "must have 2 to 4 sizes, got " + shape);
        }
        List<Integer> kernel = new ArrayList<>();
        for (long size : shape.subList(2, shape.size())) {
            if (size > Integer.MAX_VALUE) {
                throw broken(a.name(), "must have a kernel of possible size, got " + shape);
            }
            kernel.add((int) size);
        }
        FactorLayout layout = FactorLayout.ofKernel(kernel);
        List<StoredTensor> expected = StoredTensor.ofFactors(
                AdaptedWeight.single(vertex, LayerFactors.WEIGHT),
                layout,
                shape.get(1),
                b.shape().get(0),
                rank);
        StoredTensor storedA = renamed(expected.get(0), a.name());
        StoredTensor storedB = renamed(expected.get(1), b.name());
        StoredTensor.requireTensors(path, List.of(storedA, storedB), Map.of(a.name(), a, b.name(), b));
        AdapterSpec spec = scaling.config().adapter(vertex, rank, scaling.alpha(module));
        return LayerFactors.of(layout, spec, TensorCodec.decode(storedA, file), TensorCodec.decode(storedB, file));
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
                    parameters.put(norm ? "gamma" : "W", weight(vertex, kind, tensor));
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
            case 2 -> TorchLayer.DENSE;
            case 3 -> TorchLayer.CONV1D;
            case 4 -> TorchLayer.CONV2D;
            default -> throw broken(weight.name(), "must have 2 to 4 sizes, got " + weight.shape());
        };
    }

    private INDArray weight(String vertex, TorchLayer kind, TensorInfo tensor) throws IOException {
        List<Long> shape = tensor.shape();
        return switch (kind) {
            case DENSE -> decoded(vertex, tensor, StoredTensor.Layout.TRANSPOSED, List.of(shape.get(1), shape.get(0)));
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

    private static StoredTensor renamed(StoredTensor tensor, String key) {
        return new StoredTensor(
                key, tensor.vertex(), tensor.parameter(), tensor.layout(), tensor.shape(), tensor.fileShape());
    }

    private AdapterFormatException broken(String tensor, String rule) {
        return new AdapterFormatException(path, "the tensor " + Printable.quoted(tensor) + " " + rule);
    }
}
