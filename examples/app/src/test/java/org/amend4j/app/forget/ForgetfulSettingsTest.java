/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.app.cli.Ran;
import org.amend4j.model.BaseModel;
import org.amend4j.provable.GradientMethod;
import org.amend4j.service.UnlearningService;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.unlearn.UnlearningMethod;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings of models that forget, from the command line: what is scaled, planned, limited, and refused before training. */
class ForgetfulSettingsTest {

    private static final int SUBJECTS = 40;

    @TempDir
    private Path temp;

    private Path head = Path.of("");
    private Path table = Path.of("");

    @BeforeEach
    void makeModelAndTable() throws IOException {
        head = SavedHeads.write(temp.resolve("head.zip"), 3);
        table = table("table.csv", "p", 7, x -> x);
    }

    /** Rows of norm 0.99, each number changed. */
    private Path table(String name, String person, long seed, DoubleUnaryOperator change) throws IOException {
        Random random = new Random(seed);
        StringBuilder rows = new StringBuilder("person,a,b,c,kind\n");
        for (int row = 0; row < 4 * SUBJECTS; row++) {
            double[] x = random.doubles(3, -1, 1).toArray();
            double norm = Math.sqrt(Arrays.stream(x).map(v -> v * v).sum()) / 0.99;
            rows.append(person).append(row % SUBJECTS);
            for (double v : x) {
                rows.append(String.format(Locale.ROOT, ",%.9f", change.applyAsDouble(v / norm)));
            }
            rows.append(x[0] + random.nextGaussian() / 4 > 0 ? ",yes\n" : ",no\n");
        }
        return Files.writeString(temp.resolve(name), rows);
    }

    private Ran train(Path out, Object... more) {
        List<Object> all = new ArrayList<>(List.of("unlearn", "train", head, "--data", table, "--out", out, "--json"));
        all.addAll(List.of("--label", "kind", "--owner", "person", "--checkpoints", "every:1"));
        all.addAll(List.of(more));
        return amend4j(all.toArray());
    }

    private Ran on(String command, Path folder, Object... more) {
        List<Object> all = new ArrayList<>(List.of("unlearn", command, folder, "--data", table, "--json"));
        all.addAll(List.of(more));
        return amend4j(all.toArray());
    }

    private static Object[] options(String text) {
        return text.split(" ", -1);
    }

    private static double[] parameters(Path release) throws IOException {
        return BaseModel.open(release.resolve("model.zip")).network().params().toDoubleVector();
    }

    private static final String USUAL =
            "--steps 20 --step-size 0.3 --weight-decay 0.2 --feature-radius 1 --planned-records 256 --delta 1e-5"
                    + " --classes no,yes";

    /** Parameters in a ball need not have a small gradient: nothing is deleted by convergence. */
    private static final String BALL = USUAL + " --parameter-radius 100";

    @Test
    void rowsThatArePubliclyScaledAreTheRowsTheyWereMadeOf() throws IOException {
        Path plain = temp.resolve("plain");
        train(plain, options(USUAL)).done();
        table = table("raw.csv", "p", 7, x -> 40 * x + 3);
        train(temp.resolve("unscaled"), options(USUAL)).refused("norm <= 1");
        Path centred = Files.writeString(temp.resolve("centred.csv"), "column,centre,width\nc,3,40\n1,3,40\nb,3,40\n");
        Path run = temp.resolve("scaled");
        JsonNode trained =
                train(run, options(USUAL + " --scale " + centred)).done().json();
        assertTrue(trained.path("scaled").asBoolean());
        assertTrue(trained.path("assumptions").toString().contains("public constants"), trained.toString());
        // nine decimals of numbers 40 times as large, and steps that do not expand
        assertArrayEquals(parameters(plain.resolve("releases/0")), parameters(run.resolve("releases/0")), 1e-8);
        Path strangers = table("strangers.csv", "q", 8, x -> 40 * x + 3);
        on("plan", run, "--subject", "p1").done();
        String five = "p1\np2\np3\np4\np5\n";
        on("delete", run, "--any-noise", "--subjects-file", Files.writeString(temp.resolve("five"), five))
                .done();
        on("audit", run, "--holdout", strangers).done();
        amend4j(
                        "unlearn",
                        "verify",
                        run,
                        "--public-key",
                        run.resolveSibling(run.getFileName() + "-keys").resolve("issuer.public"))
                .done();

        Path ranges = Files.writeString(temp.resolve("ranges.csv"), "column,min,max\na,-37,43\nb,0,6\nc,-37,43\n");
        train(temp.resolve("ranges"), options(USUAL + " --row-norm 1 --scale " + ranges))
                .done();
    }

    @Test
    void aScaleFileThatIsNotAsItShouldBeIsOneSentence() throws IOException {
        Path run = temp.resolve("run");
        for (String[] bad : new String[][] {
            {"", "must begin with the line"},
            {"column,mean,sd\na,1,1\n", "must begin with the line"},
            {"column,centre,width\n", "a header and no columns"},
            {"column,centre,width\na,0,0\nb,0,1\nc,0,1\n", "line 2: width must be > 0"},
            {"column,min,max\na,0,1\nb,2,1\nc,0,1\n", "line 3: min must be below max"},
            {"column,min,max\na,0,1\nb,x,1\nc,0,1\n", "a finite number is expected, got 'x'"},
            {"column,min,max\na,0,1\nb,0,1e99\nc,0,1\n", "a finite number is expected"},
            {"column,min,max\na,0\n", "3 cells expected"},
            {"column,min,max\na,0,1\nb,0,1\n", "it has column c or 3 nowhere"},
            {"column,min,max\na,0,1\nb,0,1\nc,0,1\nkind,0,1\n", "'kind', which is not a feature column"},
            {"column,min,max\na,0,1\nb,0,1\nc,0,1\n1,0,1\n", "it has column a or 1 twice"},
            {"column,min,max\na,0,1\nb,0,1\na,0,1\n", "names column 'a' twice"},
        }) {
            Path file = Files.writeString(temp.resolve("scale.csv"), bad[0]);
            train(run, options(USUAL + " --scale " + file)).refused(bad[1]);
        }
        train(run, options(USUAL + " --scale " + temp.resolve("none.csv"))).refused("there is no file");
        train(run, options(USUAL + " --row-norm -1")).refused("--row-norm");
        assertFalse(Files.exists(run));
    }

    @Test
    void plannedRecordsThatNobodyGaveAreAnAssumptionThatComesFirst() throws IOException {
        Path run = temp.resolve("run");
        String derived = USUAL.replace("--planned-records 256 ", "");
        JsonNode trained = train(run, options(derived)).done().json();
        assertEquals("DERIVED", trained.path("planned").asText());
        assertEquals(256, trained.path("plannedRecords").asInt());
        String first = trained.path("assumptions").path(0).asText();
        assertTrue(first.startsWith("planned records derived from the table"), first);
        assertEquals(
                "DERIVED",
                on("plan", run, "--subject", "p1").done().json().path("planned").asText());
        on("plan", run, "--subject", " p1\t").done();
        on("plan", run, "--subject", "p1", "--subject", " p1").refused("'p1' is named twice");
        on("plan", run, "--subject", " ").refused("--subject must name somebody");
        Ran words = amend4j("unlearn", "plan", run, "--data", table, "--subject", "p1");
        assertTrue(words.out().startsWith("planned records derived from the table"), words.out());

        JsonNode deleted =
                on("delete", run, "--subject", "p1", "--any-noise").done().json();
        assertEquals("ASSUMED", deleted.path("level").asText());
        assertTrue(
                deleted.path("title").asText().contains("UNDER ASSUMPTIONS: planned records derived from the table"),
                deleted.toString());

        Path given = temp.resolve("given");
        JsonNode chosen = train(given, options(USUAL)).done().json();
        assertEquals("GIVEN", chosen.path("planned").asText());
        assertFalse(chosen.path("assumptions").toString().contains("derived"), chosen.toString());

        // settings of version 2 do not say what computed the gradients: then it was the graph, and here it was not
        Path file = given.resolve("service.json");
        ObjectNode settings = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        settings.put("version", 2);
        assertEquals(
                "BY_ROW",
                ((ObjectNode) settings.path("training")).remove("gradients").asText());
        Files.writeString(file, settings.toString());
        assertEquals(
                GradientMethod.BY_GRAPH, SettingsFile.read(given).training().gradients());
    }

    @Test
    void releasesTogetherKeepToTheLifetimeBudget() throws IOException {
        Path run = temp.resolve("run");
        train(run, options(USUAL + " --lifetime-epsilon 0.5")).refused("--lifetime-epsilon must be at least --epsilon");
        train(run, options(USUAL + " --lifetime-epsilon 1.4")).done();
        JsonNode before = on("plan", run, "--subject", "p1").done().json().path("lifetime");
        assertEquals(0, before.path("used").asDouble());
        assertEquals(1.4, before.path("left").asDouble(), 1e-6);
        on("delete", run, "--subject", "p1", "--any-noise").done();
        JsonNode after = on("plan", run, "--subject", "p2").done().json();
        assertEquals(1, after.path("lifetime").path("used").asDouble(), 1e-6);
        assertEquals(1, after.path("lifetime").path("mostOfAPerson").asDouble(), 1e-6);
        assertTrue(after.path("refused").asBoolean());
        on("delete", run, "--subject", "p2", "--method", "rewind", "--any-noise")
                .refused("all releases together may have epsilon 1.40");
        on("delete", run, "--subject", "p2", "--method", "retrain", "--way", "exact")
                .refused("give only one of them");
        on("delete", run, "--subject", "p2", "--method", "exact").refused("so no rewind is exact; what would help");
        on("delete", run, "--subject", "p2", "--method", "retrain").done();
        JsonNode spent = on("plan", run, "--subject", "p3").done().json().path("lifetime");
        assertEquals(after.path("lifetime").path("used"), spent.path("used"));
        train(run, options(USUAL + " --lifetime-epsilon 9")).refused("begun with another");
    }

    /** What was finished first and what was asked for are told apart. */
    @Test
    void anInterruptedDeletionIsFinishedFirstAndToldByItself() throws IOException {
        Path run = temp.resolve("run");
        train(run, options(USUAL)).done();
        interrupt(run, "p1");
        JsonNode again = on("delete", run, "--subject", "p1", "--method", "retrain")
                .done()
                .json();
        assertTrue(again.path("finishedFirst").asBoolean(), again.toString());
        assertEquals(1, again.path("number").asInt(), again.toString());
        assertTrue(again.path("released").asBoolean(), again.toString());
        interrupt(run, "p2");
        JsonNode other =
                on("delete", run, "--subject", "p3", "--request-only").done().json();
        assertEquals(2, other.path("finished").path("number").asInt(), other.toString());
        assertFalse(other.has("number"), other.toString());
        assertFalse(other.has("released"), other.toString());
        assertEquals("p3", other.path("pending").path(0).asText(), other.toString());
        on("delete", run, "--method", "retrain").done();
        interrupt(run, "p4");
        Ran refused = on("delete", run, "--subject", "p5", "--method", "exact");
        assertEquals(2, refused.code(), refused.err());
        assertTrue(refused.err().contains("is finished: released as "), refused.err());
        assertTrue(refused.err().contains("refused, and the ledger says so: "), refused.err());
    }

    /** A deletion that was decided, and no more. */
    private void interrupt(Path run, String person) throws IOException {
        try (ForgetfulFolder folder = ForgetfulFolder.open(run, Path.of(run + "-keys"), table)) {
            UnlearningService service = folder.service();
            service.request(List.of(person));
            assertThrows(
                    InterruptedException.class,
                    () -> service.answer(
                            plan -> plan.methods().stream()
                                    .filter(UnlearningMethod.Retrain.class::isInstance)
                                    .findFirst(),
                            (step, of) -> Thread.currentThread().interrupt()));
            assertTrue(service.hasUnfinished());
        } finally {
            Thread.interrupted();
        }
    }

    /** A fresh key of batches can be refused, once in many times; then nothing of its folder stays. */
    @Test
    void ofKeysThatAreNotUsedNothingStays() throws IOException {
        Path keys = temp.resolve("keys");
        KeyFolder.openOrCreate(keys);
        assertTrue(Files.exists(keys));
        KeyFolder.delete(keys);
        assertFalse(Files.exists(keys));
    }

    /** Every model that training lets through can be planned for, and forget; one that is refused says what would do. */
    @Test
    void whatTrainingAcceptsPlanAndDeleteAccept() throws IOException {
        int accepted = 0;
        int refused = 0;
        int folder = 0;
        for (String batches : List.of("full", "epochs:4", "keyed:0.5")) {
            for (String decay : List.of("0", "0.2")) {
                for (String size : List.of("0.3", "3.4", "7")) {
                    for (String planned : List.of("160", "1000")) {
                        Path run = temp.resolve("run-" + folder++);
                        if (folder % Exhaustive.times(5, 1) > 0) {
                            continue;
                        }
                        String options = "--steps 4 --delta 1e-5 --feature-radius 1 --batches " + batches
                                + " --weight-decay " + decay + " --step-size " + size + " --planned-records " + planned;
                        Ran trained = train(run, options(options));
                        if (trained.code() == 0) {
                            accepted++;
                            on("plan", run, "--subject", "p1").done();
                            on("delete", run, "--subject", "p1", "--method", "retrain")
                                    .done();
                        } else {
                            refused++;
                            trained.refused("it would not be refused with --step-size at most ");
                            assertFalse(Files.exists(run));
                            assertFalse(Files.exists(temp.resolve(run.getFileName() + "-keys")));
                            // with random keys a step may have more records the next time
                            if (batches.equals("full")) {
                                requireAdviceHelps(options, trained.err());
                            }
                        }
                    }
                }
            }
        }
        assertTrue(
                accepted >= Exhaustive.times(2, 10) && refused >= Exhaustive.times(2, 8),
                accepted + " accepted, " + refused + " refused");
    }

    /** Settings under which every plan would say the same are said before training, and then are what plans say. */
    @Test
    void whatNoPlanCouldAdmitIsSaidBeforeTraining() throws IOException {
        Path sound = temp.resolve("sound");
        assertFalse(train(sound, options(BALL.replace("--steps 20", "--steps 200")))
                .done()
                .json()
                .has("warning"));
        assertEquals(
                "certified rewind",
                on("delete", sound, "--subject", "p1").done().json().path("way").asText());
        Ran noisy = train(temp.resolve("noisy"), options(BALL)).done();
        assertFalse(train(temp.resolve("open"), options(USUAL)).done().json().has("warning"));
        String loud = noisy.json().path("warning").asText();
        assertTrue(loud.startsWith("by default even one record will be forgotten by retraining"), loud);
        int folder = 0;
        for (String options : List.of(
                USUAL.replace("--delta 1e-5", "--delta 0.1"),
                USUAL + " --largest-sigma 1e-9",
                USUAL + " --epsilon 90",
                USUAL.replace("--weight-decay 0.2", "--weight-decay 0") + " --epsilon 1e-3")) {
            Path run = temp.resolve("vain-" + folder++);
            Ran trained = train(run, options(options)).done();
            String warning = trained.json().path("warning").asText();
            assertTrue(warning.startsWith("no rewind could forget even one record"), options + ": " + warning);
            assertTrue(trained.err().startsWith(warning), trained.err());
            assertTrue(on("plan", run, "--subject", "p1")
                    .done()
                    .json()
                    .path("refused")
                    .asBoolean());
            on("delete", run, "--subject", "p1", "--method", "retrain").done();
        }
    }

    private void requireAdviceHelps(String options, String sentence) {
        Matcher advice = Pattern.compile("(--[a-z-]+) at (?:most|least) ([0-9.e-]+[0-9])")
                .matcher(sentence);
        int found = 0;
        while (advice.find()) {
            found++;
            Path run = temp.resolve("advised");
            String changed = options.replaceAll(advice.group(1) + " \\S+", advice.group(1) + " " + advice.group(2));
            train(run, options(changed)).done();
            on("plan", run, "--subject", "p1").done();
            delete(run);
            delete(temp.resolve("advised-keys"));
        }
        assertTrue(found > 0, sentence);
    }

    private static void delete(Path folder) {
        try {
            org.apache.commons.io.FileUtils.deleteDirectory(folder.toFile());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
