/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;
import org.amend4j.convert.OnnxEncoder;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.numeric.Vectors;
import org.amend4j.testkit.TestNetworks;
import org.amend4j.transformer.EncoderOutput;
import org.amend4j.transformer.Pooling;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Gradients of adapters above the frozen weights of real networks, which are kept or multiplied in bf16, against those in double precision. */
class StoredGradientsTest {

    private static final int TEXTS = 4;
    private static final int LENGTH = 24;

    @TempDir
    private Path folder;

    private static double[] gradient(Machine machine, ComputationGraph graph, DataSet data, Arithmetic arithmetic) {
        double[] theta = ParameterVectors.of(graph);
        double[] gradient = new double[theta.length];
        try (PlannedObjective objective = PlannedObjective.of(
                machine, graph, Records.of(data), PlanSettings.DEFAULT.withArithmetic(arithmetic))) {
            objective.valueAndGradient(theta, gradient);
        }
        return gradient;
    }

    private static void check(ComputationGraph graph, DataSet data) {
        try (Machine machine = HostMachine.open(2)) {
            double[] exact = gradient(machine, graph, data, Arithmetic.DOUBLE);
            check("kept", exact, gradient(machine, graph, data, Arithmetic.SINGLE.keeping(WeightStorage.BF16)));
            if (machine.frozenPrecisions().contains(ProductPrecision.BF16)) {
                check("multiplied", exact, gradient(machine, graph, data, Arithmetic.frozenIn(ProductPrecision.BF16)));
            }
        }
    }

    private static void check(String what, double[] exact, double[] rounded) {
        double[] difference = new double[exact.length];
        Arrays.setAll(difference, k -> exact[k] - rounded[k]);
        double error = Vectors.norm(difference) / Vectors.norm(exact);
        assertTrue(error < 0.02 && error > 1e-4, "an error of " + error + " with weights " + what + " in bf16");
    }

    /** Above features of the frozen layers, as {@code lora train} makes its steps: 1.1 % kept, 1.8 % multiplied. */
    @Test
    void ofMobileNetV2TheyAreWithinTwoHundredths() throws IOException {
        MobileNetProblem problem = new MobileNetProblem(32, 96, 5);
        try (AmendMobileNet adapted = new AmendMobileNet(problem, 0.1)) {
            check(adapted.model().tail(), adapted.cut());
        }
    }

    @Test
    @Tag("exhaustive")
    void ofMiniLmTheyAreWithinTwoHundredths() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                StoredGradientsTest.class.getClassLoader().getResourceAsStream("all-minilm-l6-v2.onnx"),
                "MiniLM is not on the class path")) {
            OnnxEncoder.read(in).save(folder);
        }
        EncoderOutput output = new EncoderOutput.Classes(List.of("a", "b", "c"), Optional.of(Pooling.MEAN), 1);
        BaseModel base = BaseModel.of(
                TransformerModel.open(folder, DataType.FLOAT, output).graph());
        ComputationGraph graph = AdaptedModel.attach(
                        base,
                        LoraConfig.of(8, 16).withTargets(Targets.regex("bert\\.encoder\\..*(query|key|value|dense)")),
                        FineTuneConfiguration.builder().updater(new Sgd(0.1)).build())
                .graph();
        Random random = new Random(3);
        graph.params()
                .assign(TestNetworks.normal(
                                DataType.FLOAT, random, graph.params().shape())
                        .muli(0.02));
        check(graph, texts(random));
    }

    /** Words at random, of texts of several lengths. */
    private static DataSet texts(Random random) {
        INDArray tokens = Nd4j.zeros(DataType.FLOAT, TEXTS, 2, LENGTH);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, TEXTS, 3);
        for (int text = 0; text < TEXTS; text++) {
            labels.putScalar(text, text % 3, 1);
            for (int step = 0; step < LENGTH - 3 * text; step++) {
                tokens.putScalar(text, 0, step, 1000 + random.nextInt(20_000));
                tokens.putScalar(text, 1, step, 1);
            }
        }
        return new DataSet(tokens, labels);
    }
}
