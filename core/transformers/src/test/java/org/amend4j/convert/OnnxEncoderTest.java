/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderFamily;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.amend4j.testkit.BoundedReading;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.testkit.TinyOnnx;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void what_pytorch_exported_is_a_checkpoint_with_the_same_weights() throws IOException {
        OnnxEncoder encoder = read(TinyOnnx.model(TinyOnnx.of(tiny, 4, 1e-12f)));
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
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(temp)) {
            assertEquals(encoder.config(), checkpoint.config());
            for (String name : tiny.names()) {
                assertArrayEquals(tiny.values(name), checkpoint.read(name), name);
            }
        }
    }

    /** As in sentence models of langchain4j before 1.0. */
    @Test
    void a_pooler_comes_along() throws IOException {
        TinyCheckpoint whole = TinyCheckpoint.bert(SEED).filled();
        read(TinyOnnx.model(TinyOnnx.withPooler(TinyOnnx.of(tiny, 4, 1e-12f), whole, 1)))
                .save(temp);
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(temp)) {
            for (String name : whole.names()) {
                assertArrayEquals(whole.values(name), checkpoint.read(name), name);
            }
        }
        refused(
                "must be used by a pooler as BERT has it",
                () -> read(TinyOnnx.model(TinyOnnx.withPooler(TinyOnnx.of(tiny, 4, 1e-12f), whole, 0))));
    }

    @Test
    void what_computes_something_else_is_refused_in_one_sentence() throws IOException {
        refused(
                "the same number of heads, a divisor of the width 24, got [5]",
                () -> read(TinyOnnx.model(TinyOnnx.of(tiny, 5, 1e-12f))));
        GraphProto.Builder roberta = TinyOnnx.of(tiny, 4, 1e-12f);
        roberta.addNode(NodeProto.newBuilder().setOpType("CumSum").setName("/embeddings/CumSum"));
        refused("makes positions as RoBERTa has them", () -> read(TinyOnnx.model(roberta)));
        GraphProto.Builder alone = TinyOnnx.of(tiny, 4, 1e-12f);
        alone.addNode(NodeProto.newBuilder()
                .setOpType("MatMul")
                .setName("/encoder/layer.0/output/LayerNorm/MatMul")
                .addInput("encoder.layer.0.output.LayerNorm.weight"));
        refused("must have the shape", () -> read(TinyOnnx.model(alone)));
        GraphProto.Builder relu = TinyOnnx.of(tiny, 4, 1e-12f);
        relu.removeNode(relu.getNodeCount() - 1);
        refused("must have the activation GELU in its exact form, got 2", () -> read(TinyOnnx.model(relu)));
        GraphProto.Builder uneven = TinyOnnx.of(tiny, 4, 1e-12f);
        TinyOnnx.norm(uneven, "/pooler/LayerNorm/", 1e-5f);
        refused("every one of 7 norms must add the same constant", () -> read(TinyOnnx.model(uneven)));
        GraphProto.Builder more = TinyOnnx.of(tiny, 4, 1e-12f);
        more.addInitializer(TinyOnnx.tensor("classifier.weight", new float[48], 2, 24));
        refused("the tensor 'classifier.weight' has no place", () -> read(TinyOnnx.model(more)));
        GraphProto.Builder less = TinyOnnx.of(tiny, 4, 1e-12f);
        less.removeInitializer(7);
        refused("the model has no tensor", () -> read(TinyOnnx.model(less)));
        refused("the model has no tensor", () -> read(ModelProto.getDefaultInstance()));
        GraphProto.Builder outside = TinyOnnx.of(tiny, 4, 1e-12f);
        outside.setInitializer(9, outside.getInitializer(9).toBuilder().clearRawData());
        refused("in single precision within the file", () -> read(TinyOnnx.model(outside)));
    }

    /** Bytes of a right model with some of them changed: read as another, or refused in one line, soon. */
    @Test
    void damaged_files_are_read_or_refused_in_one_sentence() {
        byte[] right = TinyOnnx.model(TinyOnnx.of(tiny, 4, 1e-12f)).toByteArray();
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
