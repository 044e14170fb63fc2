/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.amend4j.app.cli.Ran;
import org.amend4j.app.files.FolderLock;
import org.amend4j.app.page.OpenPages;
import org.amend4j.certificate.Digests;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.EntryType;
import org.amend4j.deletion.LedgerEntry;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.amend4j.model.NormClipVertex;
import org.amend4j.testkit.OneIn;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** Whole lives of models that forget, from the command line. */
class ForgetfulCommandsTest {

    private static final int SUBJECTS = 100;
    private static final int ROWS_EACH = 4;
    private static final String LEARNING = "--label kind --owner person --steps 60 --step-size 0.3 --weight-decay 0.2"
            + " --planned-records 512 --delta 1e-5 --checkpoints every:3 --classes no,yes";

    @TempDir
    private Path temp;

    private Path head = Path.of("");
    private Path table = Path.of("");
    private Path strangers = Path.of("");

    @BeforeEach
    void makeModelAndTables() throws IOException {
        head = head("head.zip", DataType.DOUBLE, new Sgd(0.1));
        table = Files.writeString(temp.resolve("table.csv"), rows(0, 7));
        strangers = Files.writeString(temp.resolve("strangers.csv"), rows(1000, 8));
    }

    private static NeuralNetConfiguration.Builder builder(DataType type) {
        return new NeuralNetConfiguration.Builder().seed(3).dataType(type).updater(new Sgd(0.1));
    }

    private static OutputLayer softmax(int inputs) {
        return new OutputLayer.Builder()
                .nIn(inputs)
                .nOut(2)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private Path head(String name, DataType type, IUpdater updater) throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(
                builder(type).updater(updater).list().layer(softmax(3)).build());
        network.init();
        Path zip = temp.resolve(name);
        ModelSerializer.writeModel(network, zip.toFile(), false);
        return zip;
    }

    /** relu below, its rows kept in a ball if there is a radius. */
    private Path trunk(String name, boolean clipped) throws IOException {
        var layers = builder(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "trunk",
                        new DenseLayer.Builder()
                                .nIn(3)
                                .nOut(6)
                                .activation(Activation.RELU)
                                .build(),
                        "in");
        if (clipped) {
            layers.addVertex("ball", new NormClipVertex(1), "trunk");
        }
        ComputationGraph graph = new ComputationGraph(layers.addLayer("out", softmax(6), clipped ? "ball" : "trunk")
                .setOutputs("out")
                .build());
        graph.init();
        Path zip = temp.resolve(name);
        ModelSerializer.writeModel(graph, zip.toFile(), false);
        return zip;
    }

    /** Rows of norm 0.99 whose first number nearly tells their kind. */
    private static String rows(int firstSubject, long seed) {
        Random random = new Random(seed);
        StringBuilder rows = new StringBuilder("person,a,b,c,kind\n");
        for (int row = 0; row < SUBJECTS * ROWS_EACH; row++) {
            double[] x = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
            double norm = Math.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]) / 0.99;
            String kind = x[0] + random.nextGaussian() / 3 > 0 ? "yes" : "no";
            rows.append(String.format(
                    Locale.ROOT,
                    "p%d,%.6f,%.6f,%.6f,%s%n",
                    firstSubject + row % SUBJECTS,
                    x[0] / norm,
                    x[1] / norm,
                    x[2] / norm,
                    kind));
        }
        return rows.toString();
    }

    /** What is given twice is taken from the later options. */
    private Ran train(Path model, Path out, Object... more) {
        List<Object> all = new ArrayList<>(List.of("unlearn", "train", model, "--data", table, "--out", out, "--json"));
        String[] words = LEARNING.split(" ", -1);
        for (int i = 0; i < words.length; i += 2) {
            if (!List.of(more).contains(words[i])) {
                all.addAll(List.of(words[i], words[i + 1]));
            }
        }
        all.addAll(List.of(more));
        return amend4j(all.toArray());
    }

    private Ran on(String command, Path folder, Object... more) {
        List<Object> all = new ArrayList<>(List.of("unlearn", command, folder, "--data", table, "--json"));
        all.addAll(List.of(more));
        return amend4j(all.toArray());
    }

    private static Map<String, String> everything(Path... folders) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.toList()) {
                    digests.put(
                            file.toString(), Files.isDirectory(file) ? "folder" : Digests.of(Files.readAllBytes(file)));
                }
            }
        }
        return digests;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.copy(file, target, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static double[] parameters(Path release) throws IOException {
        return BaseModel.open(release.resolve("model.zip")).network().params().toDoubleVector();
    }

    private static double distance(double[] a, double[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            squares += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(squares);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "train", "plan", "delete", "verify", "open", "audit"})
    void everyCommandHasHelp(String command) {
        Ran ran = amend4j((Object[]) ("unlearn " + command + " --help").split(" +"));
        assertEquals(0, ran.code());
        assertTrue(ran.out().contains("Usage: amend4j unlearn"), ran.out());
        assertEquals(2, amend4j("unlearn").code());
    }

    @Test
    void aHeadIsTrainedPlannedForgottenVerifiedAndAudited() throws IOException {
        Path run = temp.resolve("run");
        JsonNode trained = train(head, run, "--feature-radius", 1).done().json();
        assertEquals("LINEAR_HEAD", trained.path("kind").asText());
        assertEquals("PROVED", trained.path("rounding").asText());
        assertEquals(SUBJECTS, trained.path("subjects").asInt());
        assertEquals(21, trained.path("checkpoints").asInt());
        double[] before = parameters(run.resolve("releases/0"));

        Map<String, String> files = everything(run, temp.resolve("run-keys"));
        JsonNode plan = on("plan", run, "--subject", "p3").done().json();
        assertEquals(ROWS_EACH, plan.path("records").asInt());
        assertEquals(21, plan.path("candidates").size());
        assertFalse(plan.path("refused").asBoolean());
        requirePromises(run, plan);
        amend4j("unlearn", "verify", run).refused("no certificates yet");
        on("audit", run, "--holdout", strangers).refused("no finished deletion");
        assertEquals(files, everything(run, temp.resolve("run-keys")));

        Path five = Files.writeString(temp.resolve("five.txt"), "p4\np5\n\n p6\np7\n");
        JsonNode asked = on("delete", run, "--subjects-file", five, "--request-only")
                .done()
                .json();
        assertEquals(4, asked.path("pending").size());
        Ran ran = on("delete", run, "--subject", "p3", "--any-noise").done();
        assertTrue(ran.err().contains("5 requests are on the disk and pending: p3, p4, p5, p6, p7"), ran.err());
        JsonNode forgotten = ran.json();
        assertEquals("CERTIFIED", forgotten.path("verdict").asText());
        assertEquals("ENFORCED", forgotten.path("level").asText());
        assertFalse(Files.exists(run.resolve("releases/0/model.zip")));
        double[] after = parameters(run.resolve("releases/1"));
        // the models are at most 2 apart of each other, the noise is 8 numbers
        double noise = 12 * Math.sqrt(8) * forgotten.path("sigma").asDouble();
        assertTrue(distance(before, after) <= 2 + noise);
        assertNotEquals(0, distance(before, after));

        String key = Files.readString(temp.resolve("run-keys/issuer.public"));
        JsonNode verified = amend4j(
                        "unlearn", "verify", run, "--public-key", temp.resolve("run-keys/issuer.public"), "--json")
                .done()
                .json();
        assertTrue(verified.path("valid").asBoolean());
        assertEquals(key.strip(), trained.path("issuer").asText());
        List<String> left = new ArrayList<>();
        verified.path("certificates").path(0).path("checks").forEach(check -> {
            if (check.path("outcome").asText().equals("NOT_CHECKED")) {
                left.add(check.path("name").asText());
            }
        });
        assertEquals(List.of("kept head", "opening"), left);
        Path opening = temp.resolve("opening.json");
        on("open", run, "--release", 2, "--out", opening).refused("must be in [1, 1], got 2");
        on("open", run, "--out", opening).done();
        on("open", run, "--out", opening).refused("exists already");
        Object[] opened = {"unlearn", "verify", run, "--public-key", keyOf(run), "--opening", opening};
        assertTrue(amend4j(opened).done().out().contains("certificate.json: VALID, 1 of "));
        Files.writeString(opening, Files.readString(opening).replaceFirst("\"key\":\"..", "\"key\":\"00"));
        Ran forged = amend4j(opened);
        assertEquals(2, forged.code());
        assertTrue(forged.out().contains("the commitment 'checkpoint' is to something else"), forged.out());

        on("audit", run, "--holdout", strangers, "--shadows", 3).refused("--shadows must be 0 or an even number");
        JsonNode without =
                on("audit", run, "--holdout", strangers, "--shadows", 0).done().json();
        assertEquals(11, without.path("rows").size(), without.toString());
        Ran attacked = on("audit", run, "--holdout", strangers, "--shadows", 8).done();
        assertTrue(attacked.err().contains("the likelihood ratio attack trains 8 more models: about"), attacked.err());
        JsonNode audit = attacked.json();
        assertEquals(14, audit.path("rows").size(), audit.toString());
        assertEquals(
                3,
                audit.path("rows").findValuesAsText("attack").stream()
                        .filter("LIKELIHOOD_RATIO"::equals)
                        .count());
        assertEquals(forgotten.path("mu").asDouble(), audit.path("certifiedMu").asDouble(), 0);
        assertFalse(on("delete", run, "--subject", "p5")
                .done()
                .json()
                .path("released")
                .asBoolean());
    }

    private static Path keyOf(Path run) {
        return run.resolveSibling(run.getFileName() + "-keys").resolve("issuer.public");
    }

    /** Bounds for every way, PROVED to be those of the weight decay, in the JSON, the table and the picture. */
    private void requirePromises(Path run, JsonNode plan) throws IOException {
        JsonNode known = plan.path("retainedLoss");
        assertTrue(known.path("label").asText().startsWith("for the operator's eyes"), plan.toString());
        assertEquals(0.2, known.path("growth").asDouble());
        assertNotEquals("ESTIMATED", known.path("growthEvidence").asText());
        double least = known.path("leastLossTo").asDouble();
        for (JsonNode way : plan.path("ways")) {
            assertEquals(1, way.path("bounds").size(), way.toString());
            JsonNode bound = way.path("bounds").path(0);
            double start = bound.path("startLoss").asDouble();
            assertTrue(
                    bound.path("loss").asDouble() >= least && bound.path("loss").asDouble() <= start, way.toString());
            assertEquals(way.has("sigma"), bound.has("releasedLoss"), way.toString());
            assertEquals(way.has("sigma") ? 1 : 0, way.path("epsilon").asDouble(), way.toString());
        }
        Path out = temp.resolve("plan");
        assertEquals(
                plan, on("plan", run, "--subject", "p3", "--out", out).done().json());
        assertEquals(plan, new ObjectMapper().readTree(out.resolve("plan.json").toFile()));
        OpenPages.opens(out.resolve("plan.json"), "unlearn-plan");
        assertTrue(javax.imageio.ImageIO.read(out.resolve("trade-off.png").toFile())
                        .getHeight()
                > 500);
    }

    /**
     * Batches are drawn with fresh keys: one person in twenty is read before the first checkpoint, and has only
     * retraining. Ten of those in a row is a chance of 1e-13.
     */
    private String firstWithAnExactRewind(Path run) throws IOException {
        for (int person = 0; person < 10; person++) {
            JsonNode plan = on("plan", run, "--subject", "p" + person).done().json();
            if (plan.path("ways").findValuesAsText("way").stream().anyMatch(way -> way.startsWith("exact rewind"))) {
                return "p" + person;
            }
        }
        return fail("none of ten subjects has an exact rewind");
    }

    @Test
    void anExactRewindIsRetrainingBitForBit() throws IOException {
        Path run = temp.resolve("run");
        train(head, run, "--feature-radius", 1, "--batches", "epochs:60").done();
        String subject = firstWithAnExactRewind(run);
        Path twin = temp.resolve("twin");
        copy(run, twin);
        copy(temp.resolve("run-keys"), temp.resolve("twin-keys"));
        JsonNode exact = on("delete", run, "--subject", subject, "--method", "exact")
                .done()
                .json();
        JsonNode retrained = on("delete", twin, "--subject", subject, "--method", "retrain")
                .done()
                .json();
        assertEquals("EXACT", exact.path("verdict").asText());
        assertEquals(0, exact.path("sigma").asDouble());
        assertTrue(exact.path("checkpoint").asInt() > 0);
        assertEquals(0, retrained.path("checkpoint").asInt());
        assertArrayEquals(parameters(twin.resolve("releases/1")), parameters(run.resolve("releases/1")), 0);
        Ran unauthenticated = amend4j("unlearn", "verify", run);
        assertEquals(3, unauthenticated.code());
        assertTrue(unauthenticated.out().contains("anybody can have signed"), unauthenticated.out());
        // one line on the error stream: nothing is trained for an attack that is not made
        on("audit", run, "--holdout", strangers).refused("5 folds need at least 5 subjects among the forgotten, got 1");

        Path model = run.resolve("releases/1/model.zip");
        byte[] bytes = Files.readAllBytes(model);
        bytes[bytes.length / 2] ^= 1;
        Files.write(model, bytes);
        Ran changed = amend4j("unlearn", "verify", run);
        assertEquals(2, changed.code());
        assertTrue(changed.out().contains("NOT VALID") && changed.out().contains("released files"), changed.out());
    }

    @Test
    void anAdapterOnAFrozenTrunkForgets() throws IOException {
        Path trunk = trunk("trunk.zip", true);
        Path run = temp.resolve("run");
        JsonNode trained = train(trunk, run, "--train", "lora", "--rank", 1, "--alpha", 1)
                .done()
                .json();
        assertEquals("FROZEN_A", trained.path("kind").asText());
        assertEquals(2, trained.path("parameters").asInt());
        JsonNode forgotten =
                on("delete", run, "--subject", "p9", "--any-noise").done().json();
        assertEquals("CERTIFIED", forgotten.path("verdict").asText());
        AdaptedModel released = AdaptedModel.load(
                BaseModel.open(trunk),
                run.resolve("releases/1"),
                new FineTuneConfiguration.Builder().updater(new Sgd(0)).build());
        assertEquals(2 + 6, released.graph().numParams());
        Ran alone = amend4j("unlearn", "verify", run.resolve("releases/1"));
        assertEquals(3, alone.code());
        assertTrue(alone.out().contains("UNAUTHENTICATED"), alone.out());

        Path again = temp.resolve("again");
        JsonNode saved =
                train(trunk, again, "--adapter", run.resolve("adapter")).done().json();
        assertEquals("FROZEN_A", saved.path("kind").asText());
    }

    @Test
    void anOutputLayerOnAFrozenTrunkForgets() throws IOException {
        Path run = temp.resolve("run");
        JsonNode trained =
                train(trunk("trunk.zip", true), run, "--train", "head").done().json();
        assertEquals("LINEAR_HEAD", trained.path("kind").asText());
        assertEquals(14, trained.path("parameters").asInt());
        on("delete", run, "--subject", "p0", "--method", "retrain").done();
        amend4j("unlearn", "verify", run, "--public-key", keyOf(run)).done();
        for (int person = 1; person < 6; person++) {
            on("delete", run, "--subject", "p" + person, "--request-only").done();
        }
        assertEquals(
                2, on("delete", run, "--any-noise").done().json().path("number").asInt());
        on("audit", run, "--holdout", strangers).done();
    }

    @Test
    void whatHasNoProofIsRefusedByName() throws IOException {
        Path run = temp.resolve("run");
        train(trunk("relu.zip", false), run, "--feature-radius", 1, "--layer-radius", 1)
                .refused("trunk");
        train(trunk("ball.zip", true), run, "--train", "lora", "--rank", 5).refused("rank must be <= 2");
        train(head, run).refused("--feature-radius");
        Path below = table.resolve("below");
        train(head, below, "--feature-radius", 1).refused("--out: cannot write " + below);
        train(head, run, "--feature-radius", 1, "--keys", below).refused("--keys: cannot write " + below);
        train(head, run, "--feature-radius", 0.5).refused("norm <= 0.5");
        train(head, run, "--feature-radius", 1, "--step-size", 100).refused("must have step size <=");
        train(head("float.zip", DataType.FLOAT, new Sgd(0.1)), run, "--feature-radius", 1)
                .refused("--to-double");
        train(head("adam.zip", DataType.DOUBLE, new Adam(0.1)), run, "--feature-radius", 1)
                .refused("--ignore-updater");
        assertFalse(Files.exists(run));
        assertFalse(Files.exists(temp.resolve("run-keys")));
        train(temp.resolve("float.zip"), run, "--feature-radius", 1, "--to-double")
                .done();
        train(temp.resolve("adam.zip"), temp.resolve("adam"), "--feature-radius", 1, "--ignore-updater")
                .done();
    }

    @Test
    void badOptionsAreOneSentenceAndLeaveNothing() throws IOException {
        Path run = temp.resolve("run");
        train(head, run, "--feature-radius", 1, "--epsilon", -1).refused("epsilon must be in");
        train(head, run, "--feature-radius", 1, "--delta", 1).refused("delta must be in");
        train(head, run, "--feature-radius", 1, "--steps", 0).refused("--steps must be >= 1");
        train(head, run, "--feature-radius", "NaN").refused("--feature-radius");
        train(head, run, "--feature-radius", 1, "--batches", "some").refused("full, epochs:S or keyed:p");
        train(head, run, "--feature-radius", 1, "--batches", "keyed:2").refused("(0, 1]");
        train(head, run, "--feature-radius", 1, "--checkpoints", "every:x").refused("every:k");
        train(head, run, "--feature-radius", 1, "--planned-records", 100).refused("normaliser");
        train(head, run, "--feature-radius", 1, "--owner", "who").refused("no column 'who'");
        train(head, run, "--feature-radius", 1, "--keys", run.resolve("keys")).refused("must not be inside");
        train(temp.resolve("none.zip"), run).refused("none.zip");
        train(table, run).refused("zip");
        String text = Files.readString(table);
        table = Files.writeString(temp.resolve("nan.csv"), text.replaceFirst("p7,[^,]*", "p7,NaN"));
        train(head, run, "--feature-radius", 1).refused("a finite number is expected, got 'NaN'");
        table = Files.writeString(temp.resolve("narrow.csv"), "person,a,kind\np1,1,yes\np2,1,no\n");
        train(head, run, "--feature-radius", 1).refused("takes rows of 3 numbers");
        assertFalse(Files.exists(run));
        assertFalse(Files.exists(temp.resolve("run-keys")));
    }

    @Test
    void aRefusedRequestChangesNoByte() throws IOException {
        Path run = temp.resolve("run");
        Path keys = temp.resolve("run-keys");
        train(head, run, "--feature-radius", 1, "--epsilon", 0, "--delta", "1e-200")
                .done();
        Map<String, String> before = everything(run, keys);
        on("delete", run, "--subject", "nobody").refused("'nobody'");
        on("delete", run, "--subject", "p1", "--subject", "p1").refused("named twice");
        on("delete", run).refused("nobody is to be forgotten");
        on("delete", run, "--request-only").refused("--subject");
        String all = String.join(
                "\n",
                Stream.iterate(0, i -> i + 1).limit(SUBJECTS).map(i -> "p" + i).toList());
        Path everybody = Files.writeString(temp.resolve("all.txt"), all);
        on("delete", run, "--subjects-file", everybody, "--method", "retrain").refused("some records must be retained");
        on("delete", run, "--subjects-file", everybody, "--request-only").refused("some records must be retained");
        on("delete", run, "--subject", "p1", "--keys", temp.resolve("no")).refused("there is no folder");
        train(head, run, "--feature-radius", 1).refused("begun with another network or other options");
        train(head, run, "--feature-radius", 1, "--epsilon", 0, "--delta", "1e-200")
                .refused("holds a trained model");
        Path original = table;
        table = Files.writeString(temp.resolve("changed.csv"), Files.readString(table) + "p1,0,0,0,yes\n");
        on("plan", run, "--subject", "p1").refused("was added");
        table = original;
        train(head, temp.resolve("other"), "--feature-radius", 1).done();
        on("plan", run, "--subject", "p1", "--keys", temp.resolve("other-keys")).refused("are not those of");
        assertEquals(before, everything(run, keys));
    }

    @Test
    void aRequestThatIsRefusedIsInTheLedgerAndMayBeMadeAgain() throws IOException {
        Path run = temp.resolve("run");
        train(head, run, "--feature-radius", 1, "--epsilon", 0, "--delta", "1e-200")
                .done();
        for (String method : List.of("rewind", "exact")) {
            Ran refused = on("delete", run, "--subject", "p1", "--method", method);
            assertEquals(2, refused.code(), refused.err());
            assertTrue(refused.err().contains("refused, and the ledger says so: "), refused.err());
        }
        List<EntryType> types = DeletionLedger.read(run).entries().stream()
                .map(LedgerEntry::type)
                .filter(type -> type == EntryType.RECEIVED || type == EntryType.REFUSED)
                .toList();
        assertEquals(List.of(EntryType.RECEIVED, EntryType.REFUSED, EntryType.RECEIVED, EntryType.REFUSED), types);
        on("delete", run, "--subject", "p1", "--method", "retrain").done();
    }

    private static Object[] rewinding(Object... more) {
        List<Object> all = new ArrayList<>(List.of("--method", "rewind", "--any-noise"));
        all.addAll(List.of(more));
        return all.toArray();
    }

    /** A tenth of the rows are one person's: too much noise for what the model tolerates. */
    @Test
    void aRequestThatCannotBeMetHoldsUpNobody() throws IOException {
        table = Files.writeString(
                temp.resolve("crowd.csv"), Files.readString(table).replaceAll("(?m)^p9\\d,", "crowd,"));
        Path run = temp.resolve("run");
        Object[] options = {"--feature-radius", 1, "--largest-sigma", 0.02, "--parameter-radius", 100};
        train(head, run, options).done();
        Map<String, String> before = everything(run);
        on("delete", run, rewinding("--subject", "crowd")).refused("a larger epsilon: about");
        Map<String, String> after = everything(run);
        for (String told : List.of("deletions.jsonl", "head.txt")) {
            String file = run.resolve(told).toString();
            assertNotEquals(before.remove(file), after.remove(file));
        }
        assertEquals(before, after);

        Ran partly = on("delete", run, rewinding("--subject", "p1", "--subject", "crowd", "--subject", "p2"));
        assertEquals(4, partly.code(), partly.err());
        JsonNode refused = new ObjectMapper().readTree(partly.out()).path("refused");
        assertEquals(1, refused.size());
        assertEquals("crowd", refused.path(0).path("subject").asText());
        assertTrue(refused.path(0).path("alone").asBoolean());
        assertTrue(refused.path(0).path("reason").asText().contains("the policy tolerates 0.02"), refused.toString());
        assertTrue(new ObjectMapper()
                .readTree(partly.out())
                .path("title")
                .asText()
                .startsWith("2 subjects with 8 records forgotten"));

        on("delete", run, "--subject", "crowd", "--request-only").done();
        Ran later = on("delete", run, rewinding("--subject", "p3"));
        assertEquals(4, later.code(), later.err());
        assertEquals(2, new ObjectMapper().readTree(later.out()).path("number").asInt());
        on("delete", run, "--subject", "crowd", "--request-only").done();
        assertEquals(2, on("delete", run, rewinding()).code());
        on("delete", run).refused("nobody is to be forgotten");
        assertEquals(
                0,
                on("delete", run, "--subject", "crowd", "--method", "retrain")
                        .done()
                        .json()
                        .path("refused")
                        .size());
        amend4j("unlearn", "verify", run, "--public-key", keyOf(run)).done();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"service.json", "state.json", "records.bin", "base.zip", "vault/keys.ring", "deletions.jsonl"})
    @OneIn(2)
    void aTruncatedFileIsOneSentenceAndIsLeftAsItIs(String name) throws IOException {
        Path run = temp.resolve("run");
        train(head, run, "--feature-radius", 1, "--steps", 3).done();
        Path file = run.resolve(name);
        for (long size : new long[] {Files.size(file) / 2, 1}) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(size);
            }
            Map<String, String> before = everything(run);
            on("plan", run, "--subject", "p1").refused("");
            on("delete", run, "--subject", "p1").refused("");
            assertEquals(before, everything(run));
        }
    }

    @Test
    void whereTheCheapestRewindWouldNeedMuchNoiseACalmerOneIsTaken() throws IOException {
        Path run = temp.resolve("run");
        train(head, run, "--feature-radius", 1, "--steps", 240, "--parameter-radius", 100)
                .done();
        Object[] several = {"--subject", "p1", "--subject", "p2", "--subject", "p3"};
        JsonNode plan = on("plan", run, several).done().json();
        JsonNode loud = null;
        JsonNode calm = null;
        for (JsonNode candidate : plan.path("candidates")) {
            boolean admitted = !candidate.has("refusal") && candidate.has("sigma");
            loud = admitted && loud == null ? candidate : loud;
            if (admitted
                    && calm == null
                    && candidate.path("noiseOverParameters").asDouble() <= 0.01) {
                calm = candidate;
            }
        }
        assertTrue(loud.path("noiseOverParameters").asDouble() > 0.01, loud.toString());
        assertEquals(calm.path("redone"), plan.path("redone"));
        Path names = Files.writeString(temp.resolve("names.txt"), "\uFEFFp1\r\np2\r\n\r\np3");
        String words = amend4j("unlearn", "plan", run, "--data", table, "--subjects-file", names)
                .done()
                .out();
        String taken = "unlearn delete takes: certified rewind to step "
                + calm.path("checkpoint").asInt() + ": " + calm.path("redone").asInt() + " of 240 steps, about ";
        assertTrue(words.contains(taken), words);
        JsonNode forgotten = on("delete", run, several).done().json();
        assertEquals("CERTIFIED", forgotten.path("verdict").asText());
        assertEquals(calm.path("redone"), forgotten.path("redone"));
        assertEquals(calm.path("sigma"), forgotten.path("sigma"));
        amend4j("unlearn", "verify", run, "--public-key", keyOf(run)).done();
    }

    @Test
    void whereEveryRewindWouldDrownTheModelItIsRetrainedUnlessNoiseIsAskedFor() throws IOException {
        Path run = temp.resolve("run");
        train(head, run, "--feature-radius", 1, "--weight-decay", 0.02, "--epsilon", 0.3, "--parameter-radius", 100)
                .done();
        JsonNode plan = on("plan", run, "--subject", "p1").done().json();
        List<Double> admitted = new ArrayList<>();
        plan.path("candidates").forEach(candidate -> {
            if (!candidate.has("refusal") && candidate.has("sigma")) {
                admitted.add(candidate.path("noiseOverParameters").asDouble());
            }
        });
        assertFalse(admitted.isEmpty());
        assertTrue(admitted.stream().allMatch(share -> share > 0.01 && share <= 1), admitted.toString());
        on("delete", run, "--subject", "p1", "--method", "rewind").refused("--any-noise");
        assertEquals(
                "retraining",
                on("delete", run, "--subject", "p1").done().json().path("way").asText());
        JsonNode forgotten =
                on("delete", run, "--subject", "p2", "--any-noise").done().json();
        assertEquals("CERTIFIED", forgotten.path("verdict").asText());
    }

    @Test
    void twoWhoBeginAtOnceDoNotMakeEachOthersKeys() throws IOException {
        Path run = temp.resolve("run");
        for (Path made : List.of(run, temp.resolve("run-keys"))) {
            try (FolderLock other = FolderLock.of("--out", made)) {
                train(head, run, "--feature-radius", 1).refused("another run is writing to " + made);
            }
            assertFalse(Files.exists(run));
            assertFalse(Files.exists(temp.resolve("run-keys")));
        }
        train(head, run, "--feature-radius", 1).done();
    }

    @Test
    void moreStepsThanACertificateCanHaveAreRefused() throws IOException {
        Path run = temp.resolve("run");
        train(head, run, "--feature-radius", 1, "--steps", (1 << 20) + 1).refused("at most 1048576");
        assertFalse(Files.exists(run));
    }

    @Test
    void openKeysAreRefused() throws IOException {
        Path run = temp.resolve("run");
        train(head, run, "--feature-radius", 1, "--steps", 3).done();
        Path keys = temp.resolve("run-keys");
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)));
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwxr-x---"));
        on("plan", run, "--subject", "p1").refused("its owner's alone");
    }

    @Test
    void aKilledTrainingGoesOnWithTheSameCommand() throws IOException {
        Path run = temp.resolve("run");
        Path keys = temp.resolve("run-keys");
        train(head, run, "--feature-radius", 1).done();
        double[] expected = parameters(run.resolve("releases/0"));
        // as after a kill at step 30: nothing was released yet
        Path killed = temp.resolve("killed");
        copy(run, killed);
        copy(keys, temp.resolve("killed-keys"));
        Files.delete(killed.resolve("state.json"));
        Files.delete(killed.resolve("releases/0/model.zip"));
        Files.delete(killed.resolve("releases/0"));
        on("plan", killed, "--subject", "p1").refused("is not trained to the end");
        train(head, killed, "--feature-radius", 1).done();
        assertArrayEquals(expected, parameters(killed.resolve("releases/0")), 0);
    }

    @Test
    void aKilledDeletionIsFinishedByTheNextCall() throws IOException {
        Path run = temp.resolve("run");
        train(head, run, "--feature-radius", 1).done();
        try (ForgetfulFolder folder = ForgetfulFolder.open(run, temp.resolve("run-keys"), table)) {
            folder.service().request(List.of("p1"));
            assertThrows(
                    IllegalStateException.class,
                    () -> folder.service()
                            .answer(
                                    (UnlearningPlan plan) -> plan.methods().stream()
                                            .filter(UnlearningMethod.Retrain.class::isInstance)
                                            .findFirst(),
                                    (step, of) -> {
                                        throw new IllegalStateException("killed");
                                    }));
        }
        on("plan", run, "--subject", "p2").refused("unlearn delete finishes it");
        Ran finished = on("delete", run).done();
        assertTrue(finished.err().contains("was interrupted and is finished first"), finished.err());
        assertEquals(1, finished.json().path("number").asInt());
        amend4j("unlearn", "verify", run, "--public-key", keyOf(run)).done();
    }

    /** Beside the releases, never in one; from the verifier with its judgement on top; one that is missing is no damage. */
    @Test
    void certificatesAndAuditsHavePagesForPeople() throws IOException {
        Path run = temp.resolve("run");
        train(head, run, "--feature-radius", 1, "--steps", 3).done();
        Path five = Files.writeString(temp.resolve("five.txt"), "p1\np2\np3\np4\np5\n");
        JsonNode first = on("delete", run, "--subjects-file", five, "--method", "retrain")
                .done()
                .json();
        Path page = run.resolve("certificates/1.html");
        assertEquals(page.toString(), first.path("page").asText());
        String unchecked = Files.readString(page);
        assertTrue(unchecked.contains("<strong>NOT CHECKED</strong>"), unchecked);
        assertFalse(unchecked.contains("p3"), "pseudonyms only");

        Path key = keyOf(run);
        amend4j("unlearn", "verify", run, "--public-key", key, "--html", run.resolve("releases/1/page.html"))
                .refused("would be in a release");
        amend4j("unlearn", "verify", run, "--public-key", key, "--html", page).refused("exists already");
        Path valid = temp.resolve("pages/valid.html");
        JsonNode ran = amend4j("unlearn", "verify", run, "--public-key", key, "--html", valid, "--json")
                .done()
                .json();
        assertEquals(valid.toString(), ran.path("html").asText());
        assertEquals("VALID", worth(valid));
        Path stranger = temp.resolve("stranger.html");
        assertEquals(3, amend4j("unlearn", "verify", run, "--html", stranger).code());
        assertEquals("UNAUTHENTICATED", worth(stranger));
        Path damaged = temp.resolve("certificate.json");
        Files.writeString(
                damaged,
                Files.readString(run.resolve("releases/1/certificate.json"))
                        .replace("\"verdict\":\"EXACT\"", "\"verdict\":\"<script>\""));
        Path wrong = temp.resolve("wrong.html");
        assertEquals(2, amend4j("unlearn", "verify", damaged, "--html", wrong).code());
        assertEquals("NOT VALID", worth(wrong));
        assertTrue(Files.readString(wrong).contains("&lt;script&gt;"));

        Path audit = temp.resolve("audit.html");
        on("audit", run, "--holdout", strangers, "--html", audit).done();
        assertEquals("AUDIT", worth(audit));

        Files.delete(page);
        on("delete", run, "--subject", "p6", "--method", "retrain").done();
        assertEquals(unchecked, Files.readString(page));
        assertTrue(Files.exists(run.resolve("certificates/2.html")));
        amend4j("unlearn", "verify", run, "--public-key", key).done();
    }

    /** The first thing that a page says. */
    private static String worth(Path page) throws IOException {
        String text = Files.readString(page);
        int begin = text.indexOf("<strong>") + "<strong>".length();
        return text.substring(begin, text.indexOf("</strong>"));
    }
}
