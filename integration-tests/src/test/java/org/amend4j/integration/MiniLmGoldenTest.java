/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.convert.OnnxEncoder;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.model.BaseModel;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.testkit.OneIn;
import org.amend4j.transformer.EncoderOutput;
import org.amend4j.transformer.Pooling;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.ops.transforms.Transforms;

/** MiniLM itself, with adapters that PEFT made on it: what they compute, and their losses' gradients, are PyTorch's in double precision. */
class MiniLmGoldenTest {

    /**
     * Forth and back, 6 layers add up some 2·6·(3·384 + 1536) terms of products and as many of norms, here and in PyTorch; a term is off by
     * 2^-53 of their magnitudes, which are some √1536 times their sum. The references' 12 digits are off by less.
     */
    private static final double TOLERANCE = 2 * 4 * 6 * (3 * 384 + 1536) * Math.sqrt(1536) * 0x1p-53;

    private static final int WIDTH = 384;
    private static final String MODEL = "all-minilm-l6-v2.onnx";
    private static final List<String> LABELS = List.of("LABEL_0", "LABEL_1");

    @TempDir
    static Path folder;

    private static Optional<BaseModel> encoder = Optional.empty();
    private static Optional<BaseModel> classifier = Optional.empty();

    @BeforeAll
    static void makeFolders() throws IOException {
        OnnxEncoder miniLm;
        try (InputStream in = Objects.requireNonNull(
                MiniLmGoldenTest.class.getClassLoader().getResourceAsStream(MODEL),
                "MiniLM is not on the class path")) {
            miniLm = OnnxEncoder.read(in);
        }
        miniLm.save(folder.resolve("encoder"));
        encoder = Optional.of(BaseModel.of(TransformerModel.open(
                        folder.resolve("encoder"), DataType.DOUBLE, new EncoderOutput.Pooled(Pooling.MEAN))
                .graph()));
        EncoderConfig config = miniLm.config().withHead(new EncoderHead.Classifier(LABELS));
        try (SafetensorsFile extra = SafetensorsFile.open(golden("base_extra.safetensors"))) {
            CheckpointFiles.write(
                    folder.resolve("classifier"),
                    config,
                    name -> extra.tensors().containsKey(name)
                            ? extra.readFloats(name)
                            : miniLm.values(name.substring("bert.".length())));
        }
        classifier = Optional.of(BaseModel.of(TransformerModel.open(folder.resolve("classifier"), DataType.DOUBLE)
                .graph()));
    }

    @AfterAll
    static void forget() {
        encoder = Optional.empty();
        classifier = Optional.empty();
    }

    private static Path golden(String name) {
        return Path.of("src/test/resources/org/amend4j/integration/peft-minilm", name);
    }

    /** A case and its reference. */
    private record Case(ComputationGraph graph, JsonNode reference) {

        static Case of(String name, BaseModel base) throws IOException {
            AdaptedModel model = AdaptedModel.load(
                    base,
                    golden(name),
                    ModuleMap.bySameNames(),
                    FineTuneConfiguration.builder().updater(new Sgd(0.01)).build());
            return new Case(
                    model.graph(),
                    new ObjectMapper()
                            .readTree(golden(name).resolve("reference.json").toFile()));
        }

        INDArray tokens() {
            JsonNode ids = reference.get("input_ids");
            INDArray tokens =
                    Nd4j.create(DataType.DOUBLE, ids.size(), 2, ids.get(0).size());
            for (int example = 0; example < ids.size(); example++) {
                for (int step = 0; step < ids.get(0).size(); step++) {
                    tokens.putScalar(
                            example, 0, step, ids.get(example).get(step).asInt());
                    tokens.putScalar(
                            example,
                            1,
                            step,
                            reference
                                    .get("attention_mask")
                                    .get(example)
                                    .get(step)
                                    .asInt());
                }
            }
            return tokens;
        }

        INDArray matrix(String name, int columns) {
            double[] values = new double[reference.get(name).size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = reference.get(name).get(i).asDouble();
            }
            return Nd4j.createFromArray(values).reshape(values.length / columns, columns);
        }

        JsonNode loss(String name) {
            return reference.get("losses").get(name);
        }
    }

    /** A loss and its derivative at what the graph puts out. */
    private record Loss(double value, INDArray derivative) {}

    @ParameterizedTest
    @OneIn(8)
    @ValueSource(
            strings = {
                "lora_qv_r8",
                "lora_all_r4_rslora",
                "lora_patterns",
                "dora_qv_r8",
                "dora_all_r2_rslora",
                "pissa_qv_r8_converted",
                "olora_qv_r8_converted",
                "bias_lora_only_all_r2"
            })
    void embeddings_losses_and_gradients_are_pytorchs(String name) throws IOException {
        Case of = Case.of(name, encoder.orElseThrow());
        INDArray tokens = of.tokens();
        INDArray pooled =
                of.graph().feedForward(new INDArray[] {tokens}, true, false).get("pooled");
        assertEquals(0, distance(of.matrix("mean_pooled", WIDTH), pooled), TOLERANCE);
        for (Map.Entry<String, Loss> loss : Map.of(
                        "mse_to_formula", squares(pooled), "in_batch_ranking", ranking(pooled))
                .entrySet()) {
            JsonNode expected = of.loss(loss.getKey());
            assertEquals(expected.get("value").asDouble(), loss.getValue().value(), TOLERANCE, loss.getKey());
            of.graph().feedForward(new INDArray[] {tokens}, true, false);
            requireGradients(of.graph().backpropGradient(loss.getValue().derivative()), expected.get("gradients"));
        }
    }

    @ParameterizedTest
    @OneIn(2)
    @ValueSource(strings = {"classifier_qv_r8", "classifier_pooler_dora"})
    void classes_their_loss_and_its_gradients_are_pytorchs(String name) throws IOException {
        Case of = Case.of(name, classifier.orElseThrow());
        INDArray tokens = of.tokens();
        INDArray expected = Transforms.softmax(of.matrix("logits", LABELS.size()));
        assertEquals(0, distance(expected, of.graph().outputSingle(tokens)), TOLERANCE);
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, tokens.size(0), LABELS.size());
        for (int example = 0; example < tokens.size(0); example++) {
            labels.putScalar(example, of.reference().get("labels").get(example).asInt(), 1);
        }
        of.graph().setInput(0, tokens);
        of.graph().setLabel(0, labels);
        of.graph().computeGradientAndScore();
        JsonNode loss = of.loss("cross_entropy");
        assertEquals(loss.get("value").asDouble(), of.graph().score(), TOLERANCE);
        // Deeplearning4j sums over examples, and divides in its updater
        of.graph().gradient().gradientForVariable().values().forEach(sum -> sum.divi(tokens.size(0)));
        requireGradients(of.graph().gradient(), loss.get("gradients"));
    }

    private static double distance(INDArray expected, INDArray actual) {
        return expected.sub(actual).amaxNumber().doubleValue();
    }

    /** Mean over the elements of (x − 0.3·sin(0.37·(i + 1)(j + 1)))². */
    private static Loss squares(INDArray x) {
        INDArray away = x.dup();
        for (int i = 0; i < x.size(0); i++) {
            for (int j = 0; j < x.size(1); j++) {
                away.putScalar(i, j, x.getDouble(i, j) - 0.3 * Math.sin(0.37 * (i + 1) * (j + 1)));
            }
        }
        return new Loss(away.mul(away).meanNumber().doubleValue(), away.mul(2.0 / x.length()));
    }

    /** Cross-entropy of 20·cosine, every even row among all odd ones, its neighbour the right one. */
    private static Loss ranking(INDArray x) {
        int pairs = (int) x.size(0) / 2;
        INDArray norms = x.norm2(true, 1);
        INDArray unit = x.divColumnVector(norms);
        INDArray first = rows(unit, pairs, 0);
        INDArray second = rows(unit, pairs, 1);
        INDArray p = Transforms.softmax(first.mmul(second.transpose()).muli(20));
        double value = 0;
        for (int k = 0; k < pairs; k++) {
            value -= Math.log(p.getDouble(k, k)) / pairs;
            p.putScalar(k, k, p.getDouble(k, k) - 1);
        }
        p.muli(20.0 / pairs);
        INDArray dFirst = p.mmul(second);
        INDArray dSecond = p.transpose().mmul(first);
        INDArray dUnit = x.dup();
        for (int k = 0; k < pairs; k++) {
            dUnit.putRow(2L * k, dFirst.getRow(k));
            dUnit.putRow(2L * k + 1, dSecond.getRow(k));
        }
        INDArray along = dUnit.mul(unit).sum(true, 1);
        return new Loss(value, dUnit.sub(unit.mulColumnVector(along)).diviColumnVector(norms));
    }

    private static INDArray rows(INDArray x, int pairs, int which) {
        INDArray rows = Nd4j.create(DataType.DOUBLE, pairs, x.size(1));
        for (int k = 0; k < pairs; k++) {
            rows.putRow(k, x.getRow(2L * k + which));
        }
        return rows;
    }

    private static void requireGradients(Gradient gradient, JsonNode expected) {
        double largest = 0;
        for (JsonNode one : expected) {
            largest = Math.max(largest, one.get("norm").asDouble());
        }
        Map<String, INDArray> ours = gradient.gradientForVariable();
        assertEquals(expected.size(), ours.size(), () -> "ours are " + ours.keySet());
        double tolerance = TOLERANCE * largest;
        expected.properties().forEach(field -> {
            INDArray found = Objects.requireNonNull(ours.get(ours(field.getKey())), field.getKey());
            assertEquals(
                    field.getValue().get("norm").asDouble(),
                    found.norm2Number().doubleValue(),
                    tolerance,
                    field.getKey());
            // PyTorch's [outputs, inputs] in C-order are the bytes of [inputs, outputs] in Fortran order
            double[] elements = found.dup('f').data().asDouble();
            JsonNode first = field.getValue().get("first");
            for (int k = 0; k < first.size(); k++) {
                assertEquals(first.get(k).asDouble(), elements[k], tolerance, field.getKey() + " " + k);
            }
        });
        assertTrue(largest > 0);
    }

    /** PEFT's name of a parameter in Deeplearning4j's way: the layer's name, and a key. */
    private static String ours(String peft) {
        String name = peft.substring("base_model.model.".length());
        return name.replaceFirst("\\.lora_A\\.weight$", "_A")
                .replaceFirst("\\.lora_B\\.weight$", "_B")
                .replaceFirst("\\.lora_magnitude_vector\\.weight$", "_magnitude")
                .replaceFirst("\\.base_layer\\.bias$", "_b")
                .replaceFirst("\\.modules_to_save\\.weight$", "_W")
                .replaceFirst("\\.modules_to_save\\.bias$", "_b");
    }
}
