/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.app.cli.Ran;
import org.amend4j.model.BaseModel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a plan prints is what its formulas give, computed here again, and what a deletion then has. */
class PlanValuesTest {

    private static final int PEOPLE = 12;
    private static final int EACH = 4;
    private static final int INPUTS = 3;
    private static final int STEPS = 30;
    private static final double STEP = 0.3;
    private static final double DECAY = 0.2;
    private static final int PLANNED = 64;

    /** Features and a one, two classes: {@code docs/unlearning.md}, "Constants". */
    private static final double NORM = Math.sqrt(2);

    private static final double GRADIENT = NORM * NORM;
    private static final double SMOOTHNESS = NORM * NORM / 2;

    private static final int GRADIENTS_OF_NEWTON_STEP = 8;

    /** Bounds are raised by the rounding of runs, far below; the printed text has four digits. */
    private static final double ROUNDING = 1e-9;

    @TempDir
    private Path temp;

    private final double[][] rows = new double[PEOPLE * EACH][INPUTS];
    private final int[] kinds = new int[PEOPLE * EACH];
    private Path run = Path.of("");
    private Path table = Path.of("");

    @BeforeEach
    void train() throws IOException {
        Random random = new Random(7);
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
        run = temp.resolve("run");
        Path head = SavedHeads.write(temp.resolve("head.zip"), INPUTS);
        String options = "--label kind --owner person --classes no,yes --steps " + STEPS + " --step-size " + STEP
                + " --weight-decay " + DECAY + " --feature-radius 1 --planned-records " + PLANNED
                + " --delta 1e-5 --checkpoints every:5";
        List<Object> words = new ArrayList<>(List.of("unlearn", "train", head, "--data", table, "--out", run));
        words.addAll(List.of(options.split(" ", -1)));
        amend4j(words.toArray()).done();
    }

    private Ran on(String command, Object... more) {
        return amend4j(
                Stream.concat(Stream.of("unlearn", command, run, "--data", table, "--subject", "p1"), Stream.of(more))
                        .toArray());
    }

    private double[] released(int number) throws IOException {
        return BaseModel.open(run.resolve("releases/" + number + "/model.zip"))
                .network()
                .params()
                .toDoubleVector();
    }

    private static double norm(double[] theta) {
        return Math.sqrt(java.util.Arrays.stream(theta).map(x -> x * x).sum());
    }

    /** On the records of all but p1. */
    private double loss(double[] theta) {
        double sum = 0;
        for (int row = 0; row < rows.length; row++) {
            if (row % PEOPLE != 1) {
                double[] scores = new double[2];
                for (int kind = 0; kind < 2; kind++) {
                    scores[kind] = theta[2 * INPUTS + kind];
                    for (int k = 0; k < INPUTS; k++) {
                        scores[kind] += rows[row][k] * theta[kind * INPUTS + k];
                    }
                }
                sum += Math.log(Math.exp(scores[0]) + Math.exp(scores[1])) - scores[kinds[row]];
            }
        }
        return sum / PLANNED + DECAY / 2 * norm(theta) * norm(theta);
    }

    /** Bound (11) of {@code docs/unlearning.md}, of a full batch. */
    private double largestNorm(double start) {
        double share = rows.length / (double) PLANNED;
        double keep = 1 - STEP * DECAY;
        double a = Math.min(1, keep / (STEP * share * SMOOTHNESS));
        double r = start;
        for (int step = 0; step < STEPS; step++) {
            double pulled = STEP * share * GRADIENT;
            r = Math.min(
                    keep * r + pulled,
                    Math.sqrt(keep * keep * r * r + 2 * STEP * keep * share * Math.log(2) + (1 - a) * pulled * pulled));
        }
        return r;
    }

    /** (2) of {@code docs/unlearning.md}: a fixed normaliser, strongly convex. */
    private static double distance(int redone) {
        double keep = 1 - STEP * DECAY;
        double sum = 0;
        for (int j = redone; j < STEPS; j++) {
            sum += Math.pow(keep, j);
        }
        return EACH * GRADIENT / PLANNED * STEP * sum;
    }

    private static boolean converges(JsonNode way) {
        return way.path("way").asText().equals("convergence");
    }

    private static void near(double expected, double actual, String what) {
        assertEquals(expected, actual, ROUNDING * Math.abs(expected), what);
    }

    @Test
    void whatAPlanPrintsIsWhatItsFormulasGive() throws IOException {
        JsonNode plan = on("plan", "--json").json();
        near(norm(released(0)), plan.path("trainedNorm").asDouble(), "trained");
        double largest = plan.path("largestNorm").asDouble();
        double start =
                norm(BaseModel.open(run.resolve("base.zip")).network().params().toDoubleVector());
        near(largestNorm(start), largest, "largest");
        double perDistance = 0;
        for (JsonNode candidate : plan.path("candidates")) {
            int redone = candidate.path("redone").asInt();
            assertEquals(STEPS - candidate.path("checkpoint").asInt(), redone);
            if (redone < STEPS) {
                near(distance(redone), candidate.path("distance").asDouble(), "distance of " + redone);
                double sigma = candidate.path("sigma").asDouble();
                perDistance = perDistance == 0 ? sigma / distance(redone) : perDistance;
                near(perDistance * distance(redone), sigma, "sigma of " + redone);
                near(
                        sigma * Math.sqrt(2 * INPUTS + 2) / largest,
                        candidate.path("noiseOverParameters").asDouble(),
                        "share of " + redone);
            }
        }
        assertTrue(perDistance > 0);
        near(
                loss(released(0)),
                plan.at("/retainedLoss/lossAtCheckpoint/" + STEPS).asDouble(),
                "loss");
        for (JsonNode way : plan.path("ways")) {
            assertEquals(
                    way.path("steps").asInt() * (rows.length - EACH) * (converges(way) ? GRADIENTS_OF_NEWTON_STEP : 1),
                    way.path("recordGradients").asInt());
            if (way.has("sigma")) {
                near(
                        way.path("sigma").asDouble() * Math.sqrt(2 * INPUTS + 2),
                        way.path("noiseNorm").asDouble(),
                        "norm of noise");
            }
        }
        String text = on("plan").done().out();
        assertTrue(
                text.contains(String.format(Locale.ROOT, "the trained parameters have norm %.4g", norm(released(0)))),
                text);
    }

    @Test
    void aDeletionHasWhatItsPlanSaid() throws IOException {
        JsonNode plan = on("plan", "--json").json();
        JsonNode taken = null;
        for (JsonNode way : plan.path("ways")) {
            taken = way.path("taken").asBoolean() ? way : taken;
        }
        JsonNode done = on("delete", "--json").json();
        assertEquals(taken.path("way").asText(), done.path("way").asText());
        assertEquals(
                converges(taken) ? 0 : taken.path("steps").asInt(),
                done.path("redone").asInt());
        assertEquals(plan.path("redone").asInt(), done.path("redone").asInt());
        assertEquals(taken.path("sigma").asDouble(), done.path("sigma").asDouble());
        double loss = loss(released(1));
        assertTrue(loss <= taken.at("/bounds/0/loss").asDouble() * (1 + ROUNDING), loss + " " + taken);
        assertTrue(loss >= plan.at("/retainedLoss/leastLossFrom").asDouble() * (1 - ROUNDING), loss + " " + plan);
    }

    @Test
    void noiseThatIsAskedForIsThatOfThePlan() throws IOException {
        JsonNode cheapest = on("plan", "--json").json().path("ways").path(0);
        JsonNode done = on("delete", "--json", "--any-noise").json();
        assertEquals("certified rewind", cheapest.path("way").asText());
        assertEquals(cheapest.path("steps").asInt(), done.path("redone").asInt());
        assertEquals(cheapest.path("sigma").asDouble(), done.path("sigma").asDouble());
        JsonNode certificate = new ObjectMapper()
                .readTree(run.resolve("releases/1/certificate.json").toFile())
                .path("certificate");
        assertEquals(
                cheapest.path("sigma").asDouble(),
                certificate.at("/noise/sigma").asDouble());
    }
}
