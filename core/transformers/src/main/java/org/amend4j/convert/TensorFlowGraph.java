/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.safetensors.Printable;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.NodeDef;
import org.tensorflow.framework.SavedModel;
import org.tensorflow.framework.TensorProto;

/** What a saved BERT computes that its tensors do not say, from names and constants of the nodes of BERT's own code. */
final class TensorFlowGraph {

    private static final Pattern HEADS =
            Pattern.compile("(?:.*/)?encoder/layer_(\\d{1,6})/attention/self/Reshape/shape/2");
    private static final Pattern ACTIVATION =
            Pattern.compile("(?:.*/)?encoder/layer_(\\d{1,6})/intermediate/dense/(?:Erf|Tanh)");
    private static final Pattern EPSILON = Pattern.compile("(?:.*/)?LayerNorm/batchnorm/add/y");

    private final Map<Integer, Set<Integer>> heads = new TreeMap<>();
    private final Map<Integer, Set<String>> activations = new TreeMap<>();
    private final Set<Float> epsilons = new TreeSet<>();

    private TensorFlowGraph(List<NodeDef> nodes) {
        nodes.forEach(this::note);
    }

    /**
     * A graph.
     *
     * @param model {@code saved_model.pb}
     * @throws IllegalArgumentException if it is none
     */
    static TensorFlowGraph of(byte[] model) {
        try {
            return new TensorFlowGraph(SavedModel.parseFrom(model).getMetaGraphsList().stream()
                    .flatMap(graph -> graph.getGraphDef().getNodeList().stream())
                    .toList());
        } catch (InvalidProtocolBufferException bad) {
            throw new IllegalArgumentException(
                    "its saved_model.pb is no model of TensorFlow: " + Printable.line(String.valueOf(bad.getMessage())),
                    bad);
        }
    }

    private void note(NodeDef node) {
        Matcher ofHeads = HEADS.matcher(node.getName());
        if (ofHeads.matches()) {
            heads.computeIfAbsent(Integer.valueOf(ofHeads.group(1)), unused -> new TreeSet<>())
                    .add(wholeNumber(constant(node)));
        }
        Matcher ofActivation = ACTIVATION.matcher(node.getName());
        if (ofActivation.matches()) {
            activations
                    .computeIfAbsent(Integer.valueOf(ofActivation.group(1)), unused -> new TreeSet<>())
                    .add(node.getOp());
        }
        if (EPSILON.matcher(node.getName()).matches()) {
            epsilons.add(number(constant(node)));
        }
    }

    private static TensorProto constant(NodeDef node) {
        return node.getAttrOrDefault("value", org.tensorflow.framework.AttrValue.getDefaultInstance())
                .getTensor();
    }

    /** −1 if it is none. */
    private static int wholeNumber(TensorProto tensor) {
        if (tensor.getDtype() != DataType.DT_INT32) {
            return -1;
        }
        if (tensor.getIntValCount() == 1) {
            return tensor.getIntVal(0);
        }
        return tensor.getTensorContent().size() == Integer.BYTES
                ? tensor.getTensorContent()
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getInt()
                : -1;
    }

    private static float number(TensorProto tensor) {
        if (tensor.getDtype() != DataType.DT_FLOAT) {
            return Float.NaN;
        }
        if (tensor.getFloatValCount() == 1) {
            return tensor.getFloatVal(0);
        }
        return tensor.getTensorContent().size() == Float.BYTES
                ? tensor.getTensorContent()
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getFloat()
                : Float.NaN;
    }

    /** How many heads every layer has. */
    int heads(int layers, long width) {
        Set<Integer> found = inAll(heads, layers, "heads");
        int count = found.iterator().next();
        if (found.size() != 1 || count < 1 || width % count != 0) {
            throw new IllegalArgumentException("every layer must have the same number of heads, a divisor of the width "
                    + width + ", got " + found);
        }
        return count;
    }

    /** GELU in one of its forms. */
    HiddenActivation activation(int layers) {
        Set<String> found = inAll(activations, layers, "activation");
        if (found.equals(Set.of("Erf"))) {
            return HiddenActivation.GELU;
        }
        if (found.equals(Set.of("Tanh"))) {
            return HiddenActivation.GELU_TANH;
        }
        throw new IllegalArgumentException("every layer must have GELU in the same form, got nodes of the kinds "
                + Printable.line(String.valueOf(found)));
    }

    private static <T> Set<T> inAll(Map<Integer, Set<T>> byLayer, int layers, String what) {
        Set<T> found = new TreeSet<>();
        byLayer.values().forEach(found::addAll);
        if (byLayer.size() != layers || !byLayer.containsKey(0) || !byLayer.containsKey(layers - 1)) {
            throw new IllegalArgumentException("its saved_model.pb must have the " + what + " of each of " + layers
                    + " layers among the nodes under encoder/layer_N, got " + byLayer.size());
        }
        return found;
    }

    /** What norms add to variances, as the decimal number that was written: 1e-12 is no float. */
    double epsilon() {
        if (epsilons.size() != 1) {
            throw new IllegalArgumentException("all norms must add the same constant, got " + epsilons);
        }
        return Double.parseDouble(Float.toString(epsilons.iterator().next()));
    }
}
