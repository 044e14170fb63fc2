/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderFamily;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.safetensors.Printable;

/** What an exported encoder computes, from the shapes of its tensors and the constants of its nodes. */
final class OnnxConfig {

    private static final Pattern LAYER = Pattern.compile("encoder\\.layer\\.(\\d{1,6})\\..*");
    private static final String ATTENTION = "/attention/self/";

    private final Map<String, TensorProto> tensors = new HashMap<>();
    private final Map<String, NodeProto> byOutput = new HashMap<>();
    private final GraphProto graph;

    OnnxConfig(GraphProto graph) {
        this.graph = graph;
        graph.getInitializerList().forEach(tensor -> tensors.put(tensor.getName(), tensor));
        graph.getNodeList().forEach(node -> node.getOutputList().forEach(output -> byOutput.put(output, node)));
    }

    EncoderConfig config() {
        requireCountedPositions();
        List<Long> words = shape("embeddings.word_embeddings.weight", 2);
        int layers = layers();
        return new EncoderConfig(
                EncoderFamily.BERT,
                new EncoderHead.None(),
                Math.toIntExact(words.get(0)),
                Math.toIntExact(words.get(1)),
                Math.toIntExact(
                        shape("encoder.layer.0.intermediate.dense.bias", 1).get(0)),
                layers,
                heads(layers, words.get(1)),
                Math.toIntExact(
                        shape("embeddings.position_embeddings.weight", 2).get(0)),
                Math.toIntExact(
                        shape("embeddings.token_type_embeddings.weight", 2).get(0)),
                epsilon(2 * layers + 1),
                activation(layers));
    }

    /** RoBERTa's positions follow from where padding is, by a sum along the text: they begin with 2, and tensors do not say so. */
    private void requireCountedPositions() {
        graph.getNodeList().stream()
                .filter(node -> node.getOpType().equals("CumSum"))
                .findFirst()
                .ifPresent(node -> {
                    throw new IllegalArgumentException("the node " + Printable.quoted(node.getName())
                            + " makes positions as RoBERTa has them: only BERT's are read, which count from 0");
                });
    }

    private List<Long> shape(String name, int rank) {
        TensorProto tensor = tensors.get(name);
        if (tensor == null || tensor.getDimsCount() != rank) {
            throw new IllegalArgumentException("the model has no tensor " + Printable.quoted(name) + " of rank " + rank
                    + ": it is not an encoder of BERT's family as PyTorch exports it");
        }
        return tensor.getDimsList();
    }

    private int layers() {
        TreeSet<Integer> found = new TreeSet<>();
        for (String name : tensors.keySet()) {
            Matcher layer = LAYER.matcher(name);
            if (layer.matches()) {
                found.add(Integer.valueOf(layer.group(1)));
            }
        }
        return found.isEmpty() ? 0 : found.last() + 1;
    }

    /** From the shape [batch, time, heads, size] into which each layer cuts its keys. */
    private int heads(int layers, long width) {
        TreeSet<Long> found = new TreeSet<>();
        for (int layer = 0; layer < layers; layer++) {
            String path = "/encoder/layer." + layer + ATTENTION;
            found.add(graph.getNodeList().stream()
                    .filter(node -> node.getOpType().equals("Concat")
                            && node.getName().startsWith(path)
                            && node.getInputCount() == 4)
                    .map(node -> constant(node.getInput(2)))
                    .flatMapToLong(OptionalLong::stream)
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the number of heads is not to be found among the nodes under " + path)));
        }
        if (found.size() != 1 || found.first() < 1 || width % found.first() != 0) {
            throw new IllegalArgumentException("every layer must have the same number of heads, a divisor of the width "
                    + width + ", got " + found);
        }
        return Math.toIntExact(found.first());
    }

    /** A whole number that a node gives. */
    private OptionalLong constant(String output) {
        return value(output)
                .filter(tensor -> tensor.getDataType() == TensorProto.DataType.INT64.getNumber()
                        && tensor.getRawData().size() == Long.BYTES)
                .map(tensor -> OptionalLong.of(tensor.getRawData()
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getLong()))
                .orElse(OptionalLong.empty());
    }

    private Optional<TensorProto> value(String output) {
        return Optional.ofNullable(byOutput.get(output))
                .filter(node -> node.getOpType().equals("Constant")
                        && node.getAttributeCount() == 1
                        && node.getAttribute(0).hasT())
                .map(node -> node.getAttribute(0).getT());
    }

    /** What norms add to their variances. */
    private double epsilon(int norms) {
        List<Double> found = graph.getNodeList().stream()
                .filter(node -> node.getOpType().equals("Add")
                        && node.getInputCount() == 2
                        && node.getName().endsWith("/LayerNorm/Add"))
                .map(node -> value(node.getInput(1))
                        .filter(tensor -> tensor.getDataType() == TensorProto.DataType.FLOAT.getNumber()
                                && tensor.getRawData().size() == Float.BYTES)
                        .map(tensor -> tensor.getRawData()
                                .asReadOnlyByteBuffer()
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getFloat())
                        .orElse(Float.NaN))
                .map(OnnxConfig::shortest)
                .toList();
        if (found.size() != norms || found.stream().distinct().count() != 1) {
            throw new IllegalArgumentException("every one of " + norms + " norms must add the same constant, got "
                    + found.stream().distinct().toList() + " in " + found.size());
        }
        return found.get(0);
    }

    /** The decimal number that was written: 1e-12 is no float. */
    private static double shortest(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    private HiddenActivation activation(int layers) {
        String path = "/intermediate/intermediate_act_fn/";
        long erfs = graph.getNodeList().stream()
                .filter(node ->
                        node.getName().contains(path) && node.getOpType().equals("Erf"))
                .count();
        if (erfs != layers) {
            throw new IllegalArgumentException("every one of " + layers
                    + " layers must have the activation GELU in its exact form, got " + erfs
                    + " nodes of the kind Erf under "
                    + path);
        }
        return HiddenActivation.GELU;
    }
}
