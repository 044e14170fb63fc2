/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorProto;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.Weights;
import org.amend4j.safetensors.Printable;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

/**
 * An encoder of BERT's family as PyTorch exports it to ONNX, which is how sentence models are published on Maven: tensors have Hugging
 * Face's names, but for the weights of linear layers, which are turned and named after the node that uses them. What is computed is
 * known from the names and constants of nodes; a graph that has others is refused.
 */
public final class OnnxEncoder implements Weights {

    private static final String LINEAR = "/MatMul";
    private static final String POOLER = "pooler.dense.weight";
    private static final String UNUSED = "embeddings.position_ids";

    private final EncoderConfig config;
    private final Map<String, Stored> tensors;

    /**
     * A tensor of the file.
     *
     * @param turned whether it is [inputs, outputs]
     */
    private record Stored(TensorProto tensor, boolean turned) {}

    private OnnxEncoder(EncoderConfig config, Map<String, Stored> tensors) {
        this.config = config;
        this.tensors = tensors;
    }

    /**
     * Reads a model.
     *
     * @param in a whole ONNX file, left open
     * @throws IllegalArgumentException if it is none, or not an encoder of BERT's family as PyTorch exports it
     * @throws IOException if it cannot be read
     */
    public static OnnxEncoder read(InputStream in) throws IOException {
        GraphProto graph;
        try {
            graph = ModelProto.parseFrom(in).getGraph();
        } catch (InvalidProtocolBufferException bad) {
            throw new IllegalArgumentException(
                    "this is no ONNX model: " + Printable.line(String.valueOf(bad.getMessage())), bad);
        }
        try {
            OnnxEncoder encoder = new OnnxEncoder(new OnnxConfig(graph).config(), tensors(graph));
            encoder.requireAll();
            if (encoder.hasOptional(POOLER)) {
                requireUsualPooler(graph);
            }
            return encoder;
        } catch (ArithmeticException tooLarge) {
            throw new IllegalArgumentException("the model's tensors are larger than any array can be", tooLarge);
        }
    }

    /** The names of linear weights are those of the nodes that multiply with them. */
    private static Map<String, Stored> tensors(GraphProto graph) {
        Map<String, TensorProto> stored = new LinkedHashMap<>();
        graph.getInitializerList().forEach(tensor -> stored.put(tensor.getName(), tensor));
        Map<String, Stored> named = new LinkedHashMap<>();
        graph.getNodeList().stream()
                .filter(node ->
                        node.getOpType().equals("MatMul") && node.getName().matches("/.+" + LINEAR))
                .forEach(node -> {
                    String path = node.getName().substring(1, node.getName().length() - LINEAR.length());
                    for (String input : node.getInputList()) {
                        TensorProto weight = stored.remove(input);
                        if (weight != null) {
                            named.put(path.replace('/', '.') + ".weight", new Stored(weight, true));
                        }
                    }
                });
        stored.remove(UNUSED);
        stored.forEach((name, tensor) -> named.put(name, new Stored(tensor, false)));
        return named;
    }

    /** The hyperbolic tangent of a product with a weight that is [outputs, inputs], which its shape does not say. */
    private static void requireUsualPooler(GraphProto graph) {
        boolean product = graph.getNodeList().stream()
                .filter(node -> node.getInputList().contains(POOLER))
                .allMatch(node -> node.getOpType().equals("Gemm")
                        && node.getInputCount() == 3
                        && node.getInput(1).equals(POOLER)
                        && node.getAttributeList().stream().allMatch(OnnxEncoder::isUsual)
                        && node.getAttributeList().stream().anyMatch(OnnxEncoder::isTurning));
        boolean tangent = graph.getNodeList().stream()
                .anyMatch(node ->
                        node.getOpType().equals("Tanh") && node.getName().equals("/pooler/activation/Tanh"));
        if (!product || !tangent) {
            throw new IllegalArgumentException(
                    "the tensor " + Printable.quoted(POOLER)
                            + " must be used by a pooler as BERT has it, a Gemm with transB and the node /pooler/activation/Tanh");
        }
    }

    private static boolean isUsual(AttributeProto attribute) {
        return switch (attribute.getName()) {
            case "alpha", "beta" -> attribute.getF() == 1;
            case "transA" -> attribute.getI() == 0;
            default -> isTurning(attribute);
        };
    }

    private static boolean isTurning(AttributeProto attribute) {
        return attribute.getName().equals("transB") && attribute.getI() == 1;
    }

    @Override
    public boolean hasOptional(String name) {
        return tensors.containsKey(name);
    }

    private void requireAll() {
        Map<String, List<Long>> wanted = new LinkedHashMap<>(CheckpointFiles.shapes(config));
        if (hasOptional(POOLER)) {
            wanted.putAll(CheckpointFiles.optionalShapes(config));
        }
        wanted.forEach((name, shape) -> {
            Stored stored = tensors.get(name);
            if (stored == null) {
                throw new IllegalArgumentException("the model has no tensor " + Printable.quoted(name)
                        + ": it is not an encoder of BERT's family as PyTorch exports it");
            }
            List<Long> dims = stored.tensor().getDimsList();
            List<Long> found = stored.turned() && dims.size() == 2 ? List.of(dims.get(1), dims.get(0)) : dims;
            boolean known = !stored.turned() || dims.size() == 2;
            long bytes = shape.stream().reduce(4L, Math::multiplyExact);
            if (!known
                    || !found.equals(shape)
                    || stored.tensor().getDataType() != TensorProto.DataType.FLOAT.getNumber()
                    || stored.tensor().getRawData().size() != bytes) {
                throw new IllegalArgumentException("the tensor " + Printable.quoted(name) + " must have the shape "
                        + shape + " in single precision within the file, got " + found);
            }
        });
        tensors.keySet().stream()
                .filter(name -> !wanted.containsKey(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException("the tensor " + Printable.quoted(name)
                            + " has no place in an encoder of BERT's family without a head");
                });
    }

    /** What it computes. */
    public EncoderConfig config() {
        return config;
    }

    /**
     * Writes {@code config.json} and {@code model.safetensors} ({@link CheckpointFiles#write}). A tokenizer has to be put beside them.
     *
     * @param directory created if missing
     * @throws IllegalArgumentException if a tensor has values that are not finite
     * @throws IOException if the files cannot be written
     */
    public void save(Path directory) throws IOException {
        CheckpointFiles.write(directory, config, this);
    }

    @Override
    public float[] values(String name) {
        Stored stored = tensors.get(name);
        if (stored == null) {
            throw new IllegalArgumentException("the model has no tensor " + Printable.quoted(name));
        }
        float[] values = new float[stored.tensor().getRawData().size() / Float.BYTES];
        stored.tensor()
                .getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return stored.turned() ? turned(values, Math.toIntExact(stored.tensor().getDims(0))) : values;
    }

    /** Of [rows, columns], row after row. */
    private static float[] turned(float[] values, int rows) {
        int columns = values.length / rows;
        float[] turned = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            turned[i % columns * rows + i / columns] = values[i];
        }
        return turned;
    }
}
