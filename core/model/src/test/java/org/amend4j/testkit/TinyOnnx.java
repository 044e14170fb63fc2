/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.nd4j.shade.protobuf.ByteString;

/** A {@link TinyCheckpoint} of an encoder as PyTorch exports it to ONNX, as far as it says what is computed. */
public final class TinyOnnx {

    private TinyOnnx() {}

    /** The graph of a BERT of three layers without a pooler. */
    public static GraphProto.Builder of(TinyCheckpoint tiny, long heads, float epsilon) {
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

    /** A pooler, as a model without a head is exported with it. */
    public static GraphProto.Builder withPooler(GraphProto.Builder graph, TinyCheckpoint tiny, long turned) {
        int width = tiny.values("pooler.dense.bias").length;
        return graph.addInitializer(tensor("pooler.dense.weight", tiny.values("pooler.dense.weight"), width, width))
                .addInitializer(tensor("pooler.dense.bias", tiny.values("pooler.dense.bias"), width))
                .addNode(NodeProto.newBuilder()
                        .setOpType("Gemm")
                        .setName("/pooler/dense/Gemm")
                        .addInput("first")
                        .addInput("pooler.dense.weight")
                        .addInput("pooler.dense.bias")
                        .addAttribute(
                                AttributeProto.newBuilder().setName("alpha").setF(1))
                        .addAttribute(
                                AttributeProto.newBuilder().setName("transB").setI(turned)))
                .addNode(NodeProto.newBuilder().setOpType("Tanh").setName("/pooler/activation/Tanh"));
    }

    /** The part of a norm that says what it adds. */
    public static void norm(GraphProto.Builder graph, String path, float epsilon) {
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

    /** A tensor of single precision. */
    public static TensorProto tensor(String name, float[] values, long... dims) {
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

    /** A file with a graph. */
    public static ModelProto model(GraphProto.Builder graph) {
        return ModelProto.newBuilder().setGraph(graph).build();
    }
}
