/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.data.NumberTable;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.evaluation.regression.RegressionEvaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** {@code lora train} and {@code eval} where the output is a number, or one sigmoid. */
class LoraRegressionTest {

    @TempDir
    private Path folder;

    private Path numbers = Path.of("");
    private Path pairs = Path.of("");

    @BeforeEach
    void tables() throws IOException {
        Random random = new Random(4);
        StringBuilder one = new StringBuilder("a,b,c,d,y,z\n");
        StringBuilder two = new StringBuilder("a,b,c,d,ill\n");
        for (int i = 0; i < 120; i++) {
            double[] x = random.doubles(4, -1, 1).toArray();
            String row = String.format(Locale.ROOT, "%.4f,%.4f,%.4f,%.4f", x[0], x[1], x[2], x[3]);
            one.append(String.format(Locale.ROOT, "%s,%.4f,%.4f%n", row, 10 + 4 * x[0] - 2 * x[1], 3 * x[2]));
            two.append(row).append(x[0] + x[1] > 0.4 ? ",yes\n" : ",no\n");
        }
        numbers = Files.writeString(folder.resolve("numbers.csv"), one);
        pairs = Files.writeString(folder.resolve("pairs.csv"), two);
    }

    private Path network(String name, int outputs, Activation activation, LossFunction loss) throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Sgd(0.1))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(4)
                        .nOut(8)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(loss)
                        .nIn(8)
                        .nOut(outputs)
                        .activation(activation)
                        .build())
                .build());
        network.init();
        Path zip = folder.resolve(name);
        ModelSerializer.writeModel(network, zip.toFile(), false);
        return zip;
    }

    private Ran train(Path model, Path table, String out, Object... more) {
        return amend4j(
                new Object[] {
                    "lora",
                    "train",
                    "--model",
                    model,
                    "--data",
                    table,
                    "--out",
                    folder.resolve(out),
                    "--train-in-full",
                    "1"
                },
                more);
    }

    private JsonNode eval(Path model, Path table, String adapter, Object... more) throws IOException {
        return amend4j(
                        new Object[] {
                            "lora",
                            "eval",
                            "--model",
                            model,
                            "--data",
                            table,
                            "--adapter",
                            folder.resolve(adapter),
                            "--json"
                        },
                        more)
                .json();
    }

    private Path withoutLast() throws IOException {
        List<String> lines = Files.readAllLines(numbers).stream()
                .map(line -> line.substring(0, line.lastIndexOf(',')))
                .toList();
        return Files.write(folder.resolve("one.csv"), lines);
    }

    @Test
    void aRegressionIsToldByItsErrorsAsDeeplearning4jComputesThem() throws IOException {
        Path model = network("one.zip", 1, Activation.IDENTITY, LossFunction.MSE);
        Path table = withoutLast();
        Ran ran = train(model, table, "one", "--epochs", 150, "--lr", 0.05);
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.out().contains("RMSE"), ran.out());
        assertFalse(ran.out().contains("% of"), ran.out());
        JsonNode facts = eval(model, table, "one");
        assertTrue(facts.path("r2").asDouble() > 0.8, facts.toString());
        assertTrue(facts.path("baseR2").asDouble() < 0, facts.toString());

        Path merged = folder.resolve("merged.zip");
        assertEquals(
                0,
                amend4j("lora", "merge", "--model", model, "--adapter", folder.resolve("one"), "--out", merged)
                        .code());
        DataSet all =
                NumberTable.read(table, "y", 1).batch(IntStream.range(0, 120).toArray());
        ComputationGraph network = BaseModel.open(merged).network();
        RegressionEvaluation peer = new RegressionEvaluation(1);
        peer.eval(all.getLabels(), network.outputSingle(all.getFeatures()));
        assertEquals(peer.meanSquaredError(0), facts.path("mse").asDouble(), 1e-3 * peer.meanSquaredError(0));
        assertEquals(peer.meanAbsoluteError(0), facts.path("mae").asDouble(), 1e-3 * peer.meanAbsoluteError(0));
        assertEquals(peer.rootMeanSquaredError(0), facts.path("rmse").asDouble(), 1e-3);
        assertEquals(peer.rSquared(0), facts.path("r2").asDouble(), 1e-3);
    }

    @Test
    void severalTargetsAreTheLastColumnsOrThoseThatAreNamed() throws IOException {
        Path model = network("two.zip", 2, Activation.IDENTITY, LossFunction.MSE);
        assertEquals(0, train(model, numbers, "last", "--epochs", 2).code());
        assertEquals(
                0,
                train(model, numbers, "named", "--epochs", 2, "--labels", "y,z").code());
        assertEquals(eval(model, numbers, "last"), eval(model, numbers, "named", "--labels", "4,5"));
        train(model, numbers, "wrong", "--labels", "y,y").refusedAtLast("--labels must name 2 of the 6 columns");
    }

    @Test
    void aNormalizerOfLabelsIsUndoneBeforeErrorsAreTold() throws IOException {
        Path model = network("behind.zip", 1, Activation.IDENTITY, LossFunction.MSE);
        Path table = withoutLast();
        NormalizerStandardize normalizer = new NormalizerStandardize();
        normalizer.fitLabel(true);
        normalizer.fit(
                NumberTable.read(table, "", 1).batch(IntStream.range(0, 120).toArray()));
        ModelSerializer.addNormalizerToModel(model.toFile(), normalizer);
        assertEquals(
                0, train(model, table, "behind", "--epochs", 30, "--lr", 0.03).code());
        JsonNode facts = eval(model, table, "behind");
        assertTrue(facts.path("r2").asDouble() > 0.8, facts.toString());
        assertTrue(facts.path("baseRmse").asDouble() > 3, "in the units of the table: " + facts);
    }

    @Test
    void oneSigmoidTellsTwoClassesApartAtOneHalf() throws IOException {
        for (LossFunction loss : List.of(LossFunction.XENT, LossFunction.MSE)) {
            Path model = network("sigmoid-" + loss + ".zip", 1, Activation.SIGMOID, loss);
            Ran ran = train(model, pairs, "binary" + loss, "--epochs", 40, "--lr", 0.1);
            assertEquals(0, ran.code(), ran.err());
            assertTrue(ran.out().contains("held-back examples right"), ran.out());
            JsonNode facts = eval(model, pairs, "binary" + loss);
            assertTrue(facts.path("accuracy").asDouble() > 0.9, facts.toString());
            assertTrue(facts.path("crossEntropy").asDouble() < 0.5, facts.toString());
        }
    }

    @Test
    void whatNoTableFeedsIsRefusedInASentenceThatNamesWhatDoes() throws IOException {
        Path text = Files.writeString(folder.resolve("text.csv"), "a,b,c,d,y\n1,2,3,4,cat\n1,2,3,4,dog\n");
        Path model = network("one.zip", 1, Activation.IDENTITY, LossFunction.MSE);
        train(model, text, "a").refusedAtLast("line 2, column 4: a finite number is expected, got 'cat'");
        train(model, pairs, "b", "--classes", "yes,no").refusedAtLast("without --classes");
        train(model, withoutLast(), "w", "--class-weights", "balanced").refusedAtLast("--class-weights is for classes");
        train(network("hinge.zip", 1, Activation.IDENTITY, LossFunction.HINGE), pairs, "c")
                .refusedAtLast("it must be a sigmoid (two classes), or have a loss of regressions such as MSE");
    }

    @Test
    void aTrainingThatDivergedToAFiniteLossIsRefusedAndLeavesNothing() throws IOException {
        Path model = network("one.zip", 1, Activation.IDENTITY, LossFunction.MSE);
        train(model, withoutLast(), "far", "--updater", "sgd", "--lr", 0.9, "--epochs", 3)
                .refusedAtLast("a smaller --lr may help");
        train(model, withoutLast(), "wide", "--lr", 1e6, "--epochs", 3)
                .refusedAtLast("the training diverged: its loss ends at");
        assertFalse(Files.exists(folder.resolve("wide")));
    }
}
