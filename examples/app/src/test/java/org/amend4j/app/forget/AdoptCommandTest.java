/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.amend4j.app.cli.Ran;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.internal.file.Folders;
import org.amend4j.model.BaseModel;
import org.amend4j.recording.FitRecorder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Models that a plain {@code fit} trained, from the command line. */
class AdoptCommandTest {

    private static final int SUBJECTS = 60;
    private static final int ROWS_EACH = 4;
    private static final int STEPS = 40;

    @TempDir
    private Path temp;

    private Path table = Path.of("");
    private DataSet data = new DataSet();

    @BeforeEach
    void makeTable() throws IOException {
        Random random = new Random(7);
        int rows = SUBJECTS * ROWS_EACH;
        StringBuilder text = new StringBuilder("person,a,b,c,kind\n");
        double[][] x = new double[rows][3];
        double[][] y = new double[rows][2];
        for (int row = 0; row < rows; row++) {
            double[] z = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
            double norm = Math.sqrt(z[0] * z[0] + z[1] * z[1] + z[2] * z[2]) / 0.99;
            int kind = z[0] + random.nextGaussian() / 3 > 0 ? 1 : 0;
            text.append("p").append(row / ROWS_EACH);
            for (int column = 0; column < 3; column++) {
                String number = String.format(Locale.ROOT, "%.6f", z[column] / norm);
                x[row][column] = Double.parseDouble(number);
                text.append(',').append(number);
            }
            y[row][kind] = 1;
            text.append(kind == 1 ? ",yes\n" : ",no\n");
        }
        table = Files.writeString(temp.resolve("table.csv"), text);
        data = new DataSet(Nd4j.createFromArray(x), Nd4j.createFromArray(y));
    }

    private static NeuralNetConfiguration.Builder builder(double decay) {
        return builder(decay, new Sgd(0.3));
    }

    private static NeuralNetConfiguration.Builder builder(double decay, Sgd sgd) {
        return new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .l2(decay)
                .l2Bias(decay)
                .updater(sgd);
    }

    private static OutputLayer softmax(int inputs) {
        return new OutputLayer.Builder()
                .nIn(inputs)
                .nOut(2)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static MultiLayerNetwork head(double decay) {
        return head(builder(decay));
    }

    private static MultiLayerNetwork head(NeuralNetConfiguration.Builder builder) {
        MultiLayerNetwork network =
                new MultiLayerNetwork(builder.list().layer(softmax(3)).build());
        network.init();
        return network;
    }

    private static MultiLayerNetwork tanh() {
        return tanh(0.3);
    }

    private static MultiLayerNetwork tanh(double stepSize) {
        MultiLayerNetwork network = new MultiLayerNetwork(builder(0.2, new Sgd(stepSize))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(3)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build())
                .layer(softmax(4))
                .build());
        network.init();
        return network;
    }

    /** A user's own training, recorded. */
    private Path fitted(MultiLayerNetwork network, String name) throws IOException {
        Path folder = temp.resolve(name);
        FitRecorder recorder = FitRecorder.of(data, folder, CheckpointSchedule.every(8));
        network.setListeners(recorder);
        for (int step = 0; step < STEPS; step++) {
            network.fit(data);
        }
        recorder.finish();
        return folder;
    }

    private Ran adopt(Path recorded, String out, Object... more) {
        List<Object> all = new ArrayList<>(List.of(
                "unlearn",
                "adopt",
                recorded.resolve("model.zip"),
                "--recipe",
                recorded.resolve("recipe.json"),
                "--data",
                table,
                "--out",
                temp.resolve(out),
                "--label",
                "kind",
                "--owner",
                "person",
                "--feature-radius",
                1,
                "--delta",
                "1e-5",
                "--checkpoints",
                "every:4",
                "--json"));
        all.addAll(List.of(more));
        return amend4j(all.toArray());
    }

    private Ran on(String command, String folder, Object... more) {
        return amend4j(new Object[] {"unlearn", command, temp.resolve(folder), "--data", table, "--json"}, more);
    }

    private Ran verify(String folder, Object... more) {
        Object[] verify = {
            "unlearn", "verify", temp.resolve(folder), "--public-key", temp.resolve(folder + "-keys/issuer.public")
        };
        return amend4j(verify, more);
    }

    /** The same rows, of other subjects. */
    private Path strangers() throws IOException {
        return Files.writeString(
                temp.resolve("strangers.csv"), Files.readString(table).replace("\np", "\nq"));
    }

    private static void requireValid(Ran verified) {
        assertEquals(0, verified.code(), verified.out());
        assertTrue(verified.out().contains("certificate.json: VALID"), verified.out());
    }

    private double[] parameters(String folder, int release) throws IOException {
        return BaseModel.open(temp.resolve(folder).resolve("releases/" + release + "/model.zip"))
                .network()
                .params()
                .toDoubleVector();
    }

    private void leftNothing(String out) {
        assertFalse(Files.exists(temp.resolve(out)));
        assertFalse(Files.exists(temp.resolve(out + "-keys")));
    }

    @Test
    void anInterruptedAdoptionGoesOnWithTheSameCommand() throws IOException {
        Path recorded = fitted(head(0.2), "fit");
        adopt(recorded, "run").done();
        double[] expected = parameters("run", 0);
        // as a kill leaves it before the model is visible
        Path run = temp.resolve("run");
        Files.delete(run.resolve("state.json"));
        Folders.delete(run.resolve("releases"));
        on("plan", "run", "--subject", "p1").refused("give the same unlearn adopt command again");
        adopt(recorded, "run").done();
        assertArrayEquals(expected, parameters("run", 0), 0);
        adopt(recorded, "run").refused("holds a trained model");
    }

    @Test
    void anAdoptedTrainingIsTheTrainedOneButForTheOrderOfItsSums() throws IOException {
        // fit adds as a BLAS does, unlearn train by halves: a step of a dozen numbers near 1 is off by 1e-15 or so
        double rounding = STEPS * 1e-14;
        MultiLayerNetwork network = head(0);
        Path recorded = fitted(network, "recorded");
        JsonNode adopted = adopt(recorded, "adopted").json();
        assertTrue(adopted.path("exact").asBoolean());
        assertEquals(5, adopted.path("replays").size());
        assertArrayEquals(network.params().toDoubleVector(), parameters("adopted", 0), 0);
        assertTrue(Files.exists(temp.resolve("adopted/head.txt")));

        amend4j(
                        "unlearn",
                        "train",
                        recorded.resolve("step-0.zip"),
                        "--data",
                        table,
                        "--out",
                        temp.resolve("trained"),
                        "--label",
                        "kind",
                        "--owner",
                        "person",
                        "--feature-radius",
                        1,
                        "--delta",
                        "1e-5",
                        "--checkpoints",
                        "every:4",
                        "--steps",
                        STEPS,
                        "--step-size",
                        0.3,
                        "--planned-records",
                        SUBJECTS * ROWS_EACH,
                        "--json")
                .json();
        assertArrayEquals(parameters("trained", 0), parameters("adopted", 0), rounding);
        JsonNode plan = on("plan", "adopted", "--subject", "p7").json().path("candidates");
        JsonNode other = on("plan", "trained", "--subject", "p7").json().path("candidates");
        assertEquals(11, plan.size());
        assertEquals(11, other.size());
        for (int k = 0; k < plan.size(); k++) {
            for (String same : List.of("checkpoint", "redone", "exact")) {
                assertEquals(other.get(k).path(same), plan.get(k).path(same));
            }
            for (String near : List.of("distance", "sigma", "noiseOverParameters")) {
                double expected = other.get(k).path(near).asDouble();
                // rounding is a 1e-12th of a distance here
                assertEquals(expected, plan.get(k).path(near).asDouble(), 1e-9 * expected);
            }
        }
        for (String folder : List.of("adopted", "trained")) {
            on("delete", folder, "--subject", "p7", "--way", "retrain").json();
        }
        assertArrayEquals(parameters("trained", 1), parameters("adopted", 1), rounding);
    }

    @Test
    void anAdoptedModelForgetsWithACertificate() throws IOException {
        adopt(fitted(head(0.2), "recorded"), "adopted").json();
        JsonNode forgotten =
                on("delete", "adopted", "--subject", "p8", "--any-noise").json();
        assertEquals("CERTIFIED", forgotten.path("verdict").asText());
        // its sums are divided by the number of rows
        assertEquals("ASSUMED", forgotten.path("level").asText());
        requireValid(verify("adopted"));
    }

    @Test
    void recordedBatchesAndListedStepSizesAreInTheCertificateAndChecked() throws IOException {
        MultiLayerNetwork network =
                head(builder(0.2, new Sgd(new ExponentialSchedule(ScheduleType.ITERATION, 0.3, 0.97))));
        Path recorded = temp.resolve("recorded");
        FitRecorder recorder = FitRecorder.of(data, recorded, CheckpointSchedule.every(8));
        network.setListeners(recorder);
        network.fit(recorder.batches(6, 5), 1);
        recorder.finish();
        adopt(recorded, "adopted").json();
        JsonNode forgotten =
                on("delete", "adopted", "--subject", "p8", "--any-noise").json();
        assertEquals("CERTIFIED", forgotten.path("verdict").asText());
        Path opening = temp.resolve("opening.json");
        assertEquals(0, on("open", "adopted", "--out", opening).code());
        requireValid(verify("adopted", "--opening", opening));

        on("audit", "adopted", "--holdout", strangers()).refused("--shadows 0");

        Path file = temp.resolve("adopted/releases/1/certificate.json");
        String certificate = Files.readString(file);
        assertTrue(certificate.contains("\"kind\":\"recorded\""), certificate);
        String[][] lies = {
            {"\"kind\":\"recorded\"", "\"kind\":\"full\""},
            {"\"kind\":\"listed\"", "\"kind\":\"constant\""},
            {"\"factor\":1,\"first\":0.3,", "\"factor\":1,\"first\":0.2,"},
            {"\"factor\":1,\"first\":0.3,", "\"factor\":0.5,\"first\":0.3,"},
        };
        for (String[] lie : lies) {
            assertTrue(certificate.contains(lie[0]), lie[0] + " in " + certificate);
            Files.writeString(file, certificate.replace(lie[0], lie[1]));
            String told = verify("adopted").out();
            assertTrue(told.lines().anyMatch(line -> line.matches("\\s*failed\\s+schedule.*")), lie[1] + ": " + told);
        }
    }

    /** Displacements so large that the least bounds are others than without them. */
    @Test
    void displacedModelsForgetWithCertificatesThatAreValid() throws IOException {
        Path recorded = fitted(tanh(0.001), "recorded");
        for (String tolerance : List.of("1e-9", "0.01", "1")) {
            String out = "within-" + tolerance;
            adopt(recorded, out, "--layer-radius", 3, "--accept-assumptions", "--epsilon", 10, "--tolerance", tolerance)
                    .json();
            JsonNode forgotten =
                    on("delete", out, "--subject", "p8", "--any-noise").json();
            assertEquals("CERTIFIED", forgotten.path("verdict").asText(), tolerance);
            requireValid(verify(out));
        }
    }

    @Test
    void aNetworkThatNeverLeftItsBallsIsAdopted() throws IOException {
        Path recorded = fitted(tanh(), "recorded");
        JsonNode adopted = adopt(recorded, "adopted", "--layer-radius", 3, "--accept-assumptions")
                .json();
        assertEquals("SMOOTH_NETWORK", adopted.path("kind").asText());
        assertTrue(adopted.path("exact").asBoolean());
        on("delete", "adopted", "--subject", "p1", "--way", "retrain").json();
        // a ball that the training did leave: its projection changes the replay
        adopt(recorded, "other", "--layer-radius", 0.3, "--accept-assumptions")
                .refused("does not lead from step 0 to step 8");
        leftNothing("other");
    }

    @Test
    void recordedBatchesLeaveExactRewinds() throws IOException {
        MultiLayerNetwork network = head(0.2);
        Path folder = temp.resolve("recorded");
        FitRecorder recorder = FitRecorder.of(data, folder, CheckpointSchedule.lastOnly());
        network.setListeners(recorder);
        network.fit(recorder.batches(6, 5), 1);
        recorder.finish();
        assertEquals(STEPS, recorder.steps());
        assertTrue(adopt(folder, "adopted").json().path("exact").asBoolean());
        for (int person = 0; person < SUBJECTS; person++) {
            JsonNode plan = on("plan", "adopted", "--subject", "p" + person).json();
            if (plan.path("ways").findValuesAsText("way").contains("exact rewind")) {
                JsonNode exact = on("delete", "adopted", "--subject", "p" + person, "--way", "exact")
                        .json();
                assertEquals("EXACT", exact.path("verdict").asText());
                double[] rewound = parameters("adopted", 1);
                adopt(folder, "again").json();
                on("delete", "again", "--subject", "p" + person, "--way", "retrain")
                        .json();
                assertArrayEquals(parameters("again", 1), rewound, 0);
                return;
            }
        }
        fail("nobody has an exact rewind");
    }

    @Test
    void aSeedIsAStart() throws IOException {
        Path recorded = fitted(head(0.2), "recorded");
        String recipe = Files.readString(recorded.resolve("recipe.json"));
        String seeded = recipe.replace("{\"file\":\"step-0.zip\"}", "{\"seed\":3}");
        assertNotEquals(recipe, seeded);
        Files.writeString(recorded.resolve("recipe.json"), seeded);
        assertTrue(adopt(recorded, "adopted").json().path("exact").asBoolean());
        Files.writeString(recorded.resolve("recipe.json"), recipe.replace("{\"file\":\"step-0.zip\"}", "{\"seed\":4}"));
        adopt(recorded, "other").refused("does not lead from step 0 to step 8");
        leftNothing("other");
    }

    @Test
    void whatDoesNotAgreeIsNamedWithItsStepAndDistance() throws IOException {
        Path recorded = fitted(head(0.2), "recorded");
        String recipe = Files.readString(recorded.resolve("recipe.json"));
        Files.writeString(recorded.resolve("recipe.json"), recipe.replace("\"stepSizes\":0.3", "\"stepSizes\":0.15"));
        adopt(recorded, "adopted")
                .refused("from step 0 to step 8", "away from the replay", "times as far", "nothing was written");
        Files.writeString(recorded.resolve("recipe.json"), recipe);

        MultiLayerNetwork tampered = ModelSerializer.restoreMultiLayerNetwork(
                recorded.resolve("step-16.zip").toFile(), false);
        tampered.params().putScalar(0, tampered.params().getDouble(0) + 1e-9);
        Path changed = temp.resolve("tampered.zip");
        ModelSerializer.writeModel(tampered, changed.toFile(), false);
        adopt(recorded, "adopted", "--checkpoint", "16=" + changed).refused("from step 8 to step 16", "e-09 away");
        leftNothing("adopted");

        JsonNode within = adopt(recorded, "within", "--checkpoint", "16=" + changed, "--tolerance", "2e-9")
                .json();
        assertFalse(within.path("exact").asBoolean());
        adopt(recorded, "exact").json();
        JsonNode loose = on("plan", "within", "--subject", "p7").json().path("candidates");
        JsonNode strict = on("plan", "exact", "--subject", "p7").json().path("candidates");
        for (int k = 0; k < loose.size(); k++) {
            double more = loose.path(k).path("distance").asDouble()
                    - strict.path(k).path("distance").asDouble();
            boolean start = loose.path(k).path("checkpoint").asInt() == 0;
            assertEquals(
                    !start && loose.path(k).path("checkpoint").asInt() >= 8,
                    more > 0,
                    loose.path(k).toString());
            assertTrue(more < 5 * 2e-9 * (1 + 1e-6));
        }
    }

    @Test
    void hostileInputIsOneSentenceAndLeavesNothing() throws IOException {
        Path recorded = fitted(head(0.2), "recorded");
        Path file = recorded.resolve("recipe.json");
        String recipe = Files.readString(file);
        String[][] broken = {
            {"", "JSON"},
            {"[]", "must be a JSON object"},
            {"{", "not a recipe"},
            {recipe.replace("amend4j recipe", "other"), "format must be"},
            {recipe.replace("\"version\":1", "\"version\":2"), "version must be 1"},
            {recipe.replace("\"steps\":40", "\"steps\":0"), "steps must be >= 1"},
            {recipe.replace("\"steps\":40", "\"steps\":40.5"), "whole number"},
            {recipe.replace("\"steps\":40", "\"momentum\":0.9,\"steps\":40"), "the fields are"},
            {recipe.replace("\"stepSizes\":0.3", "\"stepSizes\":[0.3]"), "one for each of the 40 steps"},
            {recipe.replace("\"stepSizes\":0.3", "\"stepSizes\":-1"), "must be > 0"},
            {recipe.replace("\"stepSizes\":0.3", "\"stepSizes\":\"fast\""), "must be a number"},
            {recipe.replace("\"full\"", "\"some\""), "batches must be"},
            {recipe.replace("\"full\"", "{\"records\":240,\"rows\":[[0,0]]}"), "twice"},
            {recipe.replace("\"full\"", "{\"records\":240,\"rows\":[[240]]}"), "row numbers must be in [0, 240)"},
            {recipe.replace("\"full\"", "{\"records\":240,\"rows\":[[1],[2,3]]}"), "of one size"},
            {recipe.replace("\"weightDecay\":0.2", "\"weightDecay\":0.1"), "must be the l2 of"},
            {recipe.replace("step-0.zip", "none.zip"), "there is no file"},
            {recipe.replace("{\"file\":\"step-0.zip\"}", "{\"seed\":1.5}"), "start must be"},
            {recipe.replace("\"divisor\":240.0", "\"divisor\":0"), "divisor must be > 0"},
            {recipe.replace("\"divisor\":240.0", "\"divisor\":100"), "normaliser"},
            {recipe.replace("\"8\"", "\"80\""), "[0, 40]"},
        };
        for (String[] one : broken) {
            assertNotEquals(recipe, one[0], one[1]);
            Files.writeString(file, one[0]);
            adopt(recorded, "adopted").refused(one[1]);
        }
        Files.writeString(file, recipe);
        adopt(recorded, "adopted", "--checkpoint", "x=y").refused("STEP=FILE");
        adopt(recorded, "adopted", "--checkpoint", "41=" + table).refused("[0, 40]");
        adopt(recorded, "adopted", "--checkpoint", "4=" + table).refused("--checkpoint 4");
        adopt(recorded, "adopted", "--checkpoint", "40=" + recorded.resolve("step-8.zip"))
                .refused("the end of the training");
        adopt(recorded, "adopted", "--tolerance", "-1").refused("--tolerance");
        adopt(recorded, "adopted", "--tolerance", "NaN").refused("--tolerance");
        Path other = fitted(tanh(), "other");
        adopt(recorded, "adopted", "--checkpoint", "8=" + other.resolve("step-8.zip"))
                .refused("is not a point of the training");
        String rows = Files.readString(table);
        Files.writeString(table, rows.lines().limit(200).reduce("", (a, b) -> a + b + "\n"));
        adopt(recorded, "adopted").refused("does not lead from step 0 to step 8");
        Files.writeString(table, rows);
        leftNothing("adopted");
        adopt(recorded, "adopted").json();
        adopt(recorded, "adopted").refused("exists already");
        Files.writeString(
                temp.resolve("adopted/adoption.json"),
                Files.readString(temp.resolve("adopted/adoption.json")).replace("\"points\" : 5", "\"points\" : 6"));
        on("plan", "adopted", "--subject", "p1").refused("adoption.json or recipe.json");
    }

    @Test
    void withoutAStartEverythingIsEmpirical() throws IOException {
        MultiLayerNetwork network = head(0.2);
        Path recorded = fitted(network, "recorded");
        Path file = recorded.resolve("recipe.json");
        Files.writeString(file, Files.readString(file).replace("\"start\":{\"file\":\"step-0.zip\"},", ""));
        JsonNode adopted = adopt(recorded, "adopted", "--reconstruct", 20).json();
        assertTrue(adopted.path("label").asText().startsWith("EMPIRICAL"), adopted.toString());
        double known = 0;
        for (JsonNode point : adopted.path("reconstructed")) {
            known += point.has("distance") ? 1 : 0;
            assertTrue(point.path("distance").asDouble() < 1e-9, point.toString());
            assertTrue(point.path("residual").asDouble() < 1e-12, point.toString());
        }
        // of steps 8, 16, 24 and 32 the last two are among the last twenty
        assertEquals(2, known);
        assertArrayEquals(network.params().toDoubleVector(), parameters("adopted", 0), 0);

        JsonNode plan = on("plan", "adopted", "--subject", "p7").json();
        assertTrue(plan.path("label").asText().startsWith("EMPIRICAL"));
        List<String> ways = plan.path("ways").findValuesAsText("way");
        assertTrue(ways.contains("empirical rewind"), ways.toString());
        assertFalse(ways.contains("certified rewind") || ways.contains("exact rewind"), ways.toString());
        String text = amend4j("unlearn", "plan", temp.resolve("adopted"), "--data", table, "--subject", "p7")
                .out();
        assertTrue(text.startsWith("EMPIRICAL"), text);
        assertTrue(text.contains("EMPIRICAL, not certified") && !text.contains("certified, "), text);
        on("delete", "adopted", "--subject", "p7", "--way", "retrain").refused("nobody knows where");
        Ran exact = on("delete", "adopted", "--subject", "p7", "--way", "exact");
        assertEquals(2, exact.code(), exact.err());
        assertTrue(exact.err().contains("refused, and the ledger says so"), exact.err());

        JsonNode forgotten =
                on("delete", "adopted", "--subject", "p7", "--any-noise").json();
        assertEquals("EMPIRICAL", forgotten.path("verdict").asText());
        assertEquals("ESTIMATED", forgotten.path("level").asText());
        assertTrue(forgotten.path("title").asText().contains("EMPIRICAL"));
        on("audit", "adopted", "--holdout", strangers()).refused("nobody knows where");
        assertTrue(Files.readString(temp.resolve("adopted/certificates/1.html")).contains("Nothing is certified"));
        Ran verified = verify("adopted");
        assertEquals(2, verified.code());
        assertTrue(verified.out().contains("NOT VALID") && verified.out().contains("EMPIRICAL"), verified.out());
        assertEquals(
                1,
                verified.out().lines().filter(line -> line.contains("  failed")).count(),
                verified.out());
    }
}
