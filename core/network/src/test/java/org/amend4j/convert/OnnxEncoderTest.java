/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.amend4j.checkpoint.Checkpoint;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderFamily;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.testkit.BoundedReading;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.protobuf.ByteString;

/** Encoders in ONNX are read as what PyTorch exported, or refused. */
class OnnxEncoderTest {

    private static final long SEED = 23;

    private final TinyCheckpoint tiny =
            TinyCheckpoint.bert(SEED).filled().drop("pooler.dense.weight").drop("pooler.dense.bias");

    @TempDir
    Path temp;

    private static OnnxEncoder read(ModelProto model) throws IOException {
        return OnnxEncoder.read(new ByteArrayInputStream(model.toByteArray()));
    }

    /** The tiny model as PyTorch exports it, as far as it says what is computed. */
    private GraphProto.Builder exported(long heads, float epsilon) {
        GraphProto.Builder graph = GraphProto.newBuilder();
        int number = 700;
        for (String name : tiny.names()) {
            float[] values = tiny.values(name);
            if ((!name.endsWith("dense.weight") && !name.contains(".self.")) || name.endsWith("bias")) {
                int columns = name.endsWith("embeddings.weight") ? 24 : 1;
                graph.addInitializer(
                        columns == 1
                                ? tensor(name, values, values.length)
                                : tensor(name, values, values.length / columns, columns));
                continue;
            }
            int outputs = tiny.values(name.replace(".weight", ".bias")).length;
            String other = "onnx::MatMul_" + number++;
            graph.addInitializer(tensor(other, turned(values, outputs), values.length / outputs, outputs));
            String path = "/" + name.replace(".weight", "").replace('.', '/').replace("layer/", "layer.");
            graph.addNode(NodeProto.newBuilder()
                    .setOpType("MatMul")
                    .setName(path + "/MatMul")
                    .addInput("below")
                    .addInput(other));
        }
        graph.addInitializer(
                TensorProto.newBuilder().setName("embeddings.position_ids").addDims(1));
        norm(graph, "/embeddings/LayerNorm/", epsilon);
        for (int layer = 0; layer < 3; layer++) {
            String path = "/encoder/layer." + layer + "/";
            constant(graph, path + "heads", wholeNumber(heads));
            graph.addNode(NodeProto.newBuilder()
                    .setOpType("Concat")
                    .setName(path + "attention/self/Concat")
                    .addInput("n")
                    .addInput("t")
                    .addInput(path + "heads")
                    .addInput("size"));
            norm(graph, path + "attention/output/LayerNorm/", epsilon);
            norm(graph, path + "output/LayerNorm/", epsilon);
            graph.addNode(
                    NodeProto.newBuilder().setOpType("Erf").setName(path + "intermediate/intermediate_act_fn/Erf"));
        }
        return graph;
    }

    private static void norm(GraphProto.Builder graph, String path, float epsilon) {
        constant(graph, path + "epsilon", tensor("", new float[] {epsilon}));
        graph.addNode(NodeProto.newBuilder()
                .setOpType("Add")
                .setName(path + "Add")
                .addInput("variance")
                .addInput(path + "epsilon"));
    }

    private static void constant(GraphProto.Builder graph, String output, TensorProto value) {
        graph.addNode(NodeProto.newBuilder()
                .setOpType("Constant")
                .addOutput(output)
                .addAttribute(AttributeProto.newBuilder().setName("value").setT(value)));
    }

    private static TensorProto wholeNumber(long value) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .flip();
        return TensorProto.newBuilder()
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(1)
                .setRawData(ByteString.copyFrom(bytes))
                .build();
    }

    private static TensorProto tensor(String name, float[] values, long... dims) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT.getNumber())
                .setRawData(ByteString.copyFrom(bytes));
        for (long dim : dims) {
            tensor.addDims(dim);
        }
        return tensor.build();
    }

    private static float[] turned(float[] values, int rows) {
        int columns = values.length / rows;
        float[] turned = new float[values.length];
        for (int k = 0; k < values.length; k++) {
            turned[k % columns * rows + k / columns] = values[k];
        }
        return turned;
    }

    private static ModelProto model(GraphProto.Builder graph) {
        return ModelProto.newBuilder().setGraph(graph).build();
    }

    @Test
    void what_pytorch_exported_is_a_checkpoint_with_the_same_weights() throws IOException {
        OnnxEncoder encoder = read(model(exported(4, 1e-12f)));
        assertEquals(
                new EncoderConfig(
                        EncoderFamily.BERT,
                        new EncoderHead.None(),
                        37,
                        24,
                        40,
                        3,
                        4,
                        64,
                        2,
                        1e-12,
                        HiddenActivation.GELU),
                encoder.config());
        encoder.save(temp);
        try (Checkpoint checkpoint = Checkpoint.open(temp)) {
            assertEquals(encoder.config(), checkpoint.config());
            for (String name : tiny.names()) {
                assertArrayEquals(tiny.values(name), checkpoint.read(name), name);
            }
        }
    }

    @Test
    void what_computes_something_else_is_refused_in_one_sentence() throws IOException {
        refused("the same number of heads, a divisor of the width 24, got [5]", () -> read(model(exported(5, 1e-12f))));
        GraphProto.Builder relu = exported(4, 1e-12f);
        relu.removeNode(relu.getNodeCount() - 1);
        refused("must have the activation GELU in its exact form, got 2", () -> read(model(relu)));
        GraphProto.Builder uneven = exported(4, 1e-12f);
        norm(uneven, "/pooler/LayerNorm/", 1e-5f);
        refused("every one of 7 norms must add the same constant", () -> read(model(uneven)));
        GraphProto.Builder more = exported(4, 1e-12f);
        more.addInitializer(tensor("classifier.weight", new float[48], 2, 24));
        refused("the tensor 'classifier.weight' has no place", () -> read(model(more)));
        GraphProto.Builder less = exported(4, 1e-12f);
        less.removeInitializer(7);
        refused("the model has no tensor", () -> read(model(less)));
        refused("the model has no tensor", () -> read(ModelProto.getDefaultInstance()));
        GraphProto.Builder outside = exported(4, 1e-12f);
        outside.setInitializer(9, outside.getInitializer(9).toBuilder().clearRawData());
        refused("in single precision within the file", () -> read(model(outside)));
    }

    /** Bytes of a right model with some of them changed: read as another, or refused in one line, soon. */
    @Test
    void damaged_files_are_read_or_refused_in_one_sentence() {
        byte[] right = model(exported(4, 1e-12f)).toByteArray();
        Random random = new Random(SEED);
        int refusals = 0;
        int cases = Integer.getInteger("amend4j.mutations", 2000);
        for (int trial = 0; trial < cases; trial++) {
            byte[] damaged = right.clone();
            for (int k = 0; k <= random.nextInt(4); k++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            int length = trial % 4 == 0 ? random.nextInt(damaged.length) : damaged.length;
            int read = length;
            refusals += BoundedReading.of(
                                    "case " + trial,
                                    1 << 24,
                                    Set.of(IllegalArgumentException.class),
                                    () -> OnnxEncoder.read(new ByteArrayInputStream(damaged, 0, read)))
                            .isPresent()
                    ? 0
                    : 1;
        }
        assertTrue(refusals > cases / 10, refusals + " were refused");
    }
}
