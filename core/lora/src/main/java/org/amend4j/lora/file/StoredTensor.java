/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.model.TorchLayer;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.TensorInfo;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where an array of ours lies in an adapter's file: the one place that knows PEFT's keys and PyTorch's layouts.
 *
 * @param key name of the tensor in the file
 * @param vertex vertex the array belongs to
 * @param parameter name of the array
 * @param layout how its values are ordered in the file
 * @param shape shape of the array in Deeplearning4j
 * @param fileShape shape of the tensor in the file
 */
record StoredTensor(
        String key, String vertex, String parameter, Layout layout, List<Long> shape, List<Long> fileShape) {
    static final String PREFIX = "base_model.model.";
    static final String MAGNITUDE = ".lora_magnitude_vector";
    static final String TOKENS = ".token_adapter.trainable_tokens_delta";

    enum Layout {
        /** The bytes of the F-ordered array, which are those of the C-ordered transpose. */
        TRANSPOSED,
        /** The bytes of the C-ordered array. */
        PLAIN,
        /** The effective kernel of a one-dimensional convolution, which M2.1 stores as [size, inputs, outputs]. */
        CONV1D_KERNEL,
        /** 10^(2 x) of a log10 of a standard deviation, for PEFT only. */
        VARIANCE,
        /** A zero that PyTorch's batch norm wants, for PEFT only. */
        BATCH_COUNT;

        boolean isDerived() {
            return this == VARIANCE || this == BATCH_COUNT;
        }
    }

    /** This by another name in the file. */
    StoredTensor called(String name) {
        return new StoredTensor(name, vertex, parameter, layout, shape, fileShape);
    }

    /** A and B, then the vectors that the adapter's scheme has: magnitude, bias of B. */
    static List<StoredTensor> ofFactors(
            AdaptedWeight weight, FactorLayout layout, long inputs, long outputs, AdapterSpec spec) {
        String name = weight.name();
        long rank = spec.rank();
        if (inputs < 1 || inputs > Long.MAX_VALUE / layout.kernelSize()) {
            throw new IllegalArgumentException("the inputs of '" + name + "' must be a possible size, got " + inputs);
        }
        if (outputs < 1) {
            throw new IllegalArgumentException("the outputs of '" + name + "' must be >= 1, got " + outputs);
        }
        List<Long> fileA = new ArrayList<>(List.of(rank, inputs));
        List<Long> fileB = new ArrayList<>(List.of(outputs, rank));
        List<Long> fileM = new ArrayList<>(layout.kernel().isEmpty() ? List.of(outputs) : List.of(1L, outputs));
        for (int size : layout.kernel()) {
            fileA.add((long) size);
            fileB.add(1L);
            fileM.add(1L);
        }
        String lora = layout instanceof FactorLayout.Embedding ? ".lora_embedding_" : ".lora_";
        String end = layout instanceof FactorLayout.Embedding ? "" : ".weight";
        List<Long> vector = List.of(outputs);
        List<StoredTensor> tensors = new ArrayList<>();
        tensors.add(of(weight, layout, "A", lora + "A" + end, List.of(inputs * layout.kernelSize(), rank), fileA));
        tensors.add(of(weight, layout, "B", lora + "B" + end, List.of(rank, outputs), fileB));
        if (spec.scheme().hasMagnitude()) {
            tensors.add(of(weight, layout, "m", MAGNITUDE, vector, fileM));
        }
        if (spec.scheme().biasOnB()) {
            tensors.add(of(weight, layout, "B.b", lora + "B.bias", vector, vector));
        }
        return List.copyOf(tensors);
    }

    private static StoredTensor of(
            AdaptedWeight weight,
            FactorLayout layout,
            String part,
            String suffix,
            List<Long> shape,
            List<Long> fileShape) {
        boolean plain = weight.equals(AdaptedWeight.single(weight.vertex(), LayerFactors.WEIGHT));
        return new StoredTensor(
                stem(weight, layout) + suffix,
                weight.vertex(),
                plain ? part : weight.parameter() + "." + part,
                shape.size() == 2 ? Layout.TRANSPOSED : Layout.PLAIN,
                shape,
                List.copyOf(fileShape));
    }

    /** The module in the file: the layer, or below it the weight if PEFT has no adapter for it. */
    private static String stem(AdaptedWeight weight, FactorLayout layout) {
        String vertex = PREFIX + weight.vertex();
        return LayerFactors.isPeft(weight, layout) ? vertex : vertex + "." + weight.parameter();
    }

    /**
     * A trained bias of the base.
     *
     * @param torch whether it is the {@code bias} of PyTorch's module
     * @param adapted whether PEFT has an adapter around that module
     */
    static StoredTensor ofBias(String vertex, String parameter, boolean torch, boolean adapted, List<Long> shape) {
        if (!torch) {
            return only(vertex, parameter, shape);
        }
        return vector(vertex, parameter, adapted ? "base_layer.bias" : "bias", shape);
    }

    /** Trained rows of an embedding. */
    static StoredTensor ofTokens(String vertex, long tokens, long dimensions) {
        List<Long> shape = List.of(tokens, dimensions);
        return new StoredTensor(PREFIX + vertex + TOKENS, vertex, "tokens", Layout.PLAIN, shape, shape);
    }

    /** @throws IllegalArgumentException if the parameters do not belong to this kind of layer */
    static List<StoredTensor> ofFull(String vertex, TorchLayer kind, Map<String, List<Long>> shapes) {
        return switch (kind) {
            case DENSE -> weighted(vertex, kind, shapes, Set.of("W", "b", "g"));
            case CONV1D, CONV2D -> weighted(vertex, kind, shapes, Set.of("W", "b"));
            case EMBEDDING -> weighted(vertex, kind, shapes, Set.of("W"));
            case ROW_NORM -> rowNorm(vertex, shapes);
            case BATCH_NORM -> batchNorm(vertex, shapes);
            case OTHER -> {
                List<StoredTensor> tensors = new ArrayList<>();
                shapes.forEach((name, shape) -> tensors.add(only(vertex, name, shape)));
                yield tensors;
            }
        };
    }

    /**
     * Every expected tensor once, of a type that fits, in its shape, and no other.
     *
     * @throws AdapterFormatException naming the first tensor that breaks the rule
     */
    static void requireTensors(Path path, List<StoredTensor> expected, Map<String, TensorInfo> found)
            throws AdapterFormatException {
        Set<String> keys = new HashSet<>();
        for (StoredTensor tensor : expected) {
            String quoted = Printable.quoted(tensor.key());
            if (!keys.add(tensor.key())) {
                throw new AdapterFormatException(path, "two arrays claim the tensor " + quoted);
            }
            TensorInfo info = found.get(tensor.key());
            if (info == null) {
                throw new AdapterFormatException(path, "the tensor " + quoted + " is missing");
            }
            if (!info.shape().equals(tensor.fileShape())) {
                throw new AdapterFormatException(
                        path,
                        "the tensor " + quoted + " must have the shape " + tensor.fileShape() + ", got "
                                + info.shape());
            }
            boolean count = tensor.layout() == Layout.BATCH_COUNT;
            if (count ? info.dtype() != DType.I64 : !info.dtype().fitsDouble()) {
                throw new AdapterFormatException(
                        path, "the tensor " + quoted + " must not have the dtype " + info.dtype());
            }
        }
        for (String key : found.keySet()) {
            if (!keys.contains(key)) {
                throw new AdapterFormatException(path, "the tensor " + Printable.quoted(key) + " is unexpected");
            }
        }
    }

    static Map<String, List<Long>> shapes(Map<String, INDArray> parameters) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        parameters.forEach((name, array) -> shapes.put(name, ArrayChecks.shape(array)));
        return shapes;
    }

    private static List<StoredTensor> weighted(
            String vertex, TorchLayer kind, Map<String, List<Long>> shapes, Set<String> allowed) {
        require(vertex, shapes, Set.of("W"), allowed);
        List<StoredTensor> tensors = new ArrayList<>();
        shapes.forEach((name, shape) -> tensors.add(
                switch (name) {
                    case "W" -> weight(vertex, kind, shape);
                    case "b" -> vector(vertex, name, "bias", shape);
                    default -> only(vertex, name, shape);
                }));
        return tensors;
    }

    private static StoredTensor weight(String vertex, TorchLayer kind, List<Long> shape) {
        String key = PREFIX + vertex + ".weight";
        if (kind == TorchLayer.DENSE && shape.size() == 2 && Conv1dModules.contain(vertex)) {
            return new StoredTensor(key, vertex, "W", Layout.PLAIN, shape, shape);
        }
        if (kind == TorchLayer.DENSE && shape.size() == 2) {
            return new StoredTensor(key, vertex, "W", Layout.TRANSPOSED, shape, List.of(shape.get(1), shape.get(0)));
        }
        if (kind == TorchLayer.CONV1D && shape.size() == 4 && shape.get(3) == 1) {
            return new StoredTensor(key, vertex, "W", Layout.CONV1D_KERNEL, shape, shape.subList(0, 3));
        }
        boolean asItIs = kind == TorchLayer.EMBEDDING && shape.size() == 2;
        if (asItIs || (kind == TorchLayer.CONV2D && shape.size() == 4)) {
            return new StoredTensor(key, vertex, "W", Layout.PLAIN, shape, shape);
        }
        throw new IllegalArgumentException("W of '" + vertex + "' cannot have the shape " + shape + " in a " + kind);
    }

    private static List<StoredTensor> rowNorm(String vertex, Map<String, List<Long>> shapes) {
        require(vertex, shapes, Set.of("g"), Set.of("g", "b"));
        return shapes.entrySet().stream()
                .map(entry -> vector(
                        vertex, entry.getKey(), entry.getKey().equals("g") ? "weight" : "bias", entry.getValue()))
                .toList();
    }

    private static List<StoredTensor> batchNorm(String vertex, Map<String, List<Long>> shapes) {
        require(
                vertex,
                shapes,
                Set.of("mean"),
                Set.of("gamma", "beta", "mean", NormStatistics.LOG10_DEVIATION, NormStatistics.VARIANCE));
        if (shapes.containsKey(NormStatistics.LOG10_DEVIATION) == shapes.containsKey(NormStatistics.VARIANCE)) {
            throw new IllegalArgumentException("the batch norm '" + vertex + "' must have log10stdev or var");
        }
        List<StoredTensor> tensors = new ArrayList<>();
        shapes.forEach((name, shape) -> {
            switch (name) {
                case "gamma" -> tensors.add(vector(vertex, name, "weight", shape));
                case "beta" -> tensors.add(vector(vertex, name, "bias", shape));
                case "mean" -> tensors.add(vector(vertex, name, "running_mean", shape));
                case "var" -> tensors.add(vector(vertex, name, "running_var", shape));
                default -> {
                    tensors.add(only(vertex, name, shape));
                    StoredTensor twin = vector(vertex, name, "running_var", shape);
                    tensors.add(new StoredTensor(twin.key(), vertex, name, Layout.VARIANCE, shape, twin.fileShape()));
                }
            }
        });
        tensors.add(new StoredTensor(
                PREFIX + vertex + ".num_batches_tracked", vertex, "", Layout.BATCH_COUNT, List.of(), List.of()));
        return tensors;
    }

    private static StoredTensor vector(String vertex, String parameter, String suffix, List<Long> shape) {
        if (shape.isEmpty() || shape.size() > 2 || (shape.size() == 2 && shape.get(0) != 1)) {
            throw new IllegalArgumentException(
                    parameter + " of '" + vertex + "' must be a vector, got the shape " + shape);
        }
        List<Long> fileShape = List.of(shape.get(shape.size() - 1));
        return new StoredTensor(PREFIX + vertex + "." + suffix, vertex, parameter, Layout.PLAIN, shape, fileShape);
    }

    private static StoredTensor only(String vertex, String parameter, List<Long> shape) {
        return new StoredTensor(PREFIX + vertex + "." + parameter, vertex, parameter, Layout.PLAIN, shape, shape);
    }

    private static void require(
            String vertex, Map<String, List<Long>> shapes, Set<String> required, Set<String> allowed) {
        if (!shapes.keySet().containsAll(required) || !allowed.containsAll(shapes.keySet())) {
            throw new IllegalArgumentException("the layer '" + vertex + "' must have "
                    + Checks.listed(required.stream().sorted().toList()) + " and may have "
                    + Checks.listed(allowed.stream().sorted().toList()) + ", got "
                    + Checks.listed(shapes.keySet().stream().sorted().toList()));
        }
    }
}
