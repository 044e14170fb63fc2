/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.amend4j.app.cli.Ran;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Training until the gradient is small, and deletion by convergence, from the command line; gradients are computed here again. */
class ConvergeCommandTest {

    private static final int PEOPLE = 30;
    private static final int EACH = 4;
    private static final int INPUTS = 3;
    private static final int DIMENSION = 2 * INPUTS + 2;
    private static final int PLANNED = 128;
    private static final double DECAY = 0.05;
    private static final String USUAL =
            "--label kind --owner person --classes no,yes --feature-radius 1 --weight-decay " + DECAY
                    + " --planned-records " + PLANNED;

    /** Of a softmax on rows with a one, of norm √2 at most, and of the decay: how fast a gradient changes. */
    private static final double SMOOTHNESS = 1 + DECAY;

    /** Gaussian noise is longer than σ(√d + √(2·ln 1/α)) with a chance of α = 1e-12. */
    private static final double LENGTH = Math.sqrt(DIMENSION) + Math.sqrt(2 * Math.log(1e12));

    @TempDir
    private Path temp;

    private final double[][] rows = new double[PEOPLE * EACH][INPUTS];
    private final int[] kinds = new int[PEOPLE * EACH];
    private Path table = Path.of("");

    @BeforeEach
    void makeTable() throws IOException {
        Random random = new Random(11);
        StringBuilder text = new StringBuilder("person,a,b,c,kind\n");
        for (int row = 0; row < rows.length; row++) {
            text.append('p').append(row % PEOPLE);
            for (int k = 0; k < INPUTS; k++) {
                String cell = String.format(Locale.ROOT, "%.4f", random.nextDouble() - 0.5);
                rows[row][k] = Double.parseDouble(cell);
                text.append(',').append(cell);
            }
            kinds[row] = rows[row][0] + random.nextGaussian() / 4 > 0 ? 1 : 0;
            text.append(kinds[row] == 1 ? ",yes\n" : ",no\n");
        }
        table = Files.writeString(temp.resolve("table.csv"), text);
    }

    private Ran trained(Path run, String how) throws IOException {
        List<Object> words = new ArrayList<>(List.of(
                "unlearn", "train", SavedHeads.write(temp.resolve("head.zip"), INPUTS), "--data", table, "--out", run));
        words.addAll(List.of((USUAL + " " + how).split(" ", -1)));
        return amend4j(words.toArray());
    }

    private Ran on(String command, Path run, Object... more) {
        List<Object> words = new ArrayList<>(List.of("unlearn", command, run, "--data", table, "--json"));
        words.addAll(List.of(more));
        return amend4j(words.toArray());
    }

    private static void requireValid(Path run) {
        String out = amend4j("unlearn", "verify", run, "--public-key", run.resolveSibling("run-keys/issuer.public"))
                .done()
                .out();
        assertTrue(out.contains("VALID"), out);
    }

    private static JsonNode certificate(Path run, int number) throws IOException {
        return new ObjectMapper()
                .readTree(
                        run.resolve("releases/" + number + "/certificate.json").toFile())
                .path("certificate");
    }

    private static double[] released(Path run, int number) throws IOException {
        return BaseModel.open(run.resolve("releases/" + number + "/model.zip"))
                .network()
                .params()
                .toDoubleVector();
    }

    /** The norm of the gradient on the records of all but some people. */
    private double gradient(double[] theta, Set<Integer> without) {
        double[] gradient = new double[theta.length];
        for (int row = 0; row < rows.length; row++) {
            if (!without.contains(row % PEOPLE)) {
                double[] scores = new double[2];
                for (int kind = 0; kind < 2; kind++) {
                    scores[kind] = theta[2 * INPUTS + kind];
                    for (int k = 0; k < INPUTS; k++) {
                        scores[kind] += rows[row][k] * theta[kind * INPUTS + k];
                    }
                }
                for (int kind = 0; kind < 2; kind++) {
                    double residual =
                            1 / (1 + Math.exp(scores[1 - kind] - scores[kind])) - (kinds[row] == kind ? 1 : 0);
                    gradient[2 * INPUTS + kind] += residual / PLANNED;
                    for (int k = 0; k < INPUTS; k++) {
                        gradient[kind * INPUTS + k] += residual * rows[row][k] / PLANNED;
                    }
                }
            }
        }
        double sum = 0;
        for (int i = 0; i < theta.length; i++) {
            sum += Math.pow(gradient[i] + DECAY * theta[i], 2);
        }
        return Math.sqrt(sum);
    }

    /** What the gradient of a released model can be: G, what noise adds, and rounding, of which G has four times as much. */
    private static double most(JsonNode certificate) {
        double norm = certificate.at("/convergence/gradientNorm").asDouble();
        assertTrue(norm > 0 && norm < 1e-6, certificate.toString());
        return 2 * norm + SMOOTHNESS * certificate.at("/noise/sigma").asDouble() * LENGTH;
    }

    @Test
    void everyDeletionFromAModelWithASmallGradientEndsWithOneOnThePeopleWhoAreLeft() throws IOException {
        Path run = temp.resolve("run");
        trained(run, "--until-gradient default").done();
        Set<Integer> gone = new HashSet<>();
        double before = gradient(released(run, 0), gone);
        for (int number = 1; number <= 3; number++) {
            JsonNode plan = on("plan", run, "--subject", "p" + number).done().json();
            assertTrue(plan.at("/ways/0/taken").asBoolean(), plan.toString());
            JsonNode done = on("delete", run, "--subject", "p" + number).done().json();
            gone.add(number);
            assertEquals("convergence", done.path("way").asText());
            JsonNode certificate = certificate(run, number);
            assertEquals(3, certificate.path("version").asInt());
            double after = gradient(released(run, number), gone);
            assertTrue(after <= most(certificate), after + " " + certificate);
            assertTrue(before <= most(certificate), before + " " + certificate);
            assertFalse(Files.exists(run.resolve("releases/" + (number - 1) + "/model.zip")));
            // a model that still has them is told apart
            assertTrue(gradient(released(run, number), Set.of()) > 100 * most(certificate));
        }
        on("delete", run, "--subject", "p9", "--method", "retrain").done();
        gone.add(9);
        assertEquals(0, certificate(run, 4).at("/noise/sigma").asDouble());
        assertTrue(gradient(released(run, 4), gone) <= most(certificate(run, 4)));
        requireValid(run);
    }

    private Path table(String name, Set<Integer> without) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(table));
        lines.removeIf(line -> without.stream().anyMatch(person -> line.startsWith("p" + person + ",")));
        return Files.write(temp.resolve(name), lines);
    }

    /** Who has the rows that are left needs nobody's word: the twin has as many rows, and not these. */
    @Test
    void whoHasTheRowsThatAreLeftSeesThatTheyAloneMadeTheModel() throws IOException {
        Path run = temp.resolve("run");
        trained(run, "--until-gradient default").done();
        on("delete", run, "--subject", "p1", "--subject", "p2").done();
        Object[] verify = {"unlearn", "verify", run, "--public-key", temp.resolve("run-keys/issuer.public"), "--data"};
        for (String[] one :
                new String[][] {{"VALID", "within"}, {"NOT VALID", "other rows made"}, {"NOT VALID", "116 rows"}}) {
            Set<Integer> without =
                    one[1].equals("within") ? Set.of(1, 2) : one[1].startsWith("other") ? Set.of(2, 3) : Set.of(4);
            List<Object> words = new ArrayList<>(List.of(verify));
            words.add(table("left.csv", without));
            Ran ran = amend4j(words.toArray());
            assertEquals(one[0].equals("VALID") ? 0 : 2, ran.code(), ran.out() + ran.err());
            assertTrue(ran.out().contains("gradient: ") && ran.out().contains(one[1]), ran.out());
        }
        on("delete", run, "--subject", "p3", "--method", "retrain").done();
        List<Object> words = new ArrayList<>(List.of(verify));
        words.add(table("left.csv", Set.of(1, 2, 3)));
        assertTrue(amend4j(words.toArray()).done().out().contains("the model is within"));
        words.set(2, run.resolve("releases/2"));
        amend4j(words.toArray()).refused("--data: the columns are named in the folder of the model");
    }

    @Test
    void aModelTrainedByStepsForgetsByConvergenceAndGoesOn() throws IOException {
        Path run = temp.resolve("run");
        trained(run, "--steps 60 --step-size 0.5").done();
        double[] old = released(run, 0);
        on("delete", run, "--subject", "p3", "--method", "converge").done();
        JsonNode certificate = certificate(run, 1);
        assertTrue(gradient(released(run, 1), Set.of(3)) <= most(certificate));
        assertTrue(gradient(old, Set.of()) > 100 * most(certificate), "steps end earlier");
        on("delete", run, "--subject", "p4", "--method", "rewind").refused("--method converge, with hardly any noise");
        on("delete", run, "--subject", "p4", "--method", "retrain").done();
        assertEquals(2, certificate(run, 2).path("version").asInt());
        requireValid(run);
    }

    @Test
    void equalCommandsMakeEqualModels() throws IOException {
        trained(temp.resolve("run"), "--until-gradient 1e-7").done();
        trained(temp.resolve("again"), "--until-gradient 1e-7").done();
        assertArrayEquals(released(temp.resolve("run"), 0), released(temp.resolve("again"), 0));
    }

    @Test
    void howAnAdoptedHeadWasTrainedDoesNotMatter() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(new Adam(0.05))
                .list()
                .layer(new OutputLayer.Builder()
                        .nIn(INPUTS)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        double[][] labels = new double[rows.length][2];
        for (int row = 0; row < rows.length; row++) {
            labels[row][kinds[row]] = 1;
        }
        for (int epoch = 0; epoch < 20; epoch++) {
            network.fit(Nd4j.createFromArray(rows), Nd4j.createFromArray(labels));
        }
        Path other = temp.resolve("other.zip");
        ModelSerializer.writeModel(network, other.toFile(), true);
        Path run = temp.resolve("run");
        List<Object> words = new ArrayList<>(
                List.of("unlearn", "adopt", other, "--method", "converge", "--data", table, "--out", run));
        words.addAll(List.of(USUAL.split(" ", -1)));
        amend4j(words.toArray()).done();
        on("delete", run, "--subject", "p5").done();
        assertTrue(gradient(released(run, 1), Set.of(5)) <= most(certificate(run, 1)));
        requireValid(run);
        words.addAll(List.of("--recipe", temp.resolve("none.json")));
        amend4j(words.toArray()).refused("--recipe cannot go with --method converge");
    }

    @Test
    void whereASmallGradientProvesNothingTrainingSaysWhyAndWritesNothing() throws IOException {
        Path run = temp.resolve("run");
        for (String[] bad : new String[][] {
            {"--until-gradient default --parameter-radius 3", "radius"},
            {"--until-gradient default --steps 3", "--steps"},
            {"--until-gradient default --batches epochs:4", "--batches"},
            {"--until-gradient 1e-30", "the largest norm of a gradient must be in"},
            {"--until-gradient 7", "the largest norm of a gradient must be in"},
            {"--until-gradient small", "--until-gradient"},
            {"--until-gradient -1", "--until-gradient"},
        }) {
            trained(run, bad[0]).refused(bad[1]);
            assertFalse(Files.exists(run), bad[0]);
        }
    }
}
