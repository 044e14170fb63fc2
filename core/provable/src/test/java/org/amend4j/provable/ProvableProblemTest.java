/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import org.amend4j.graph.ClippedObjective;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.IndexRange;
import org.amend4j.objective.PartialObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.provable.ProvableProblem.Kind;
import org.amend4j.sensitivity.LedgerStep;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.sensitivity.StepMap;
import org.amend4j.testkit.TestNetworks;
import org.amend4j.unlearn.ParameterBall;
import org.amend4j.unlearn.RoundingModel;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** From a graph to a vector and back. */
class ProvableProblemTest {

    private static final Records RECORDS = Graphs.softmaxRecords(6, 3, 3, 1);
    private static final ProvableOptions OPTIONS = ProvableOptions.defaults()
            .withFeatureRadius(1)
            .withLayerRadii(1, 0.5)
            .withLayerRadii("out", 0.25, 2);

    private static ComputationGraph network() {
        return Graphs.graph(Graphs.builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", Graphs.dense(3, 5, Activation.TANH), "in")
                .addLayer("out", Graphs.softmax(5, 3).build(), "hidden"));
    }

    private static double[] random(int length) {
        return new Random(7).doubles(length, -1, 1).toArray();
    }

    private static double score(ComputationGraph graph) {
        return graph.score(
                new MultiDataSet(RECORDS.all().getFeatures(0), RECORDS.all().getLabels(0)), false);
    }

    @Test
    void a_head_on_a_frozen_body_goes_back_into_the_graph_and_its_tail_and_leaves_the_base_alone() {
        AdaptedModel model = Graphs.adapted(
                Graphs.withBody(0.8), config -> config.withTrainedInFull("out").withTargets());
        ProvableProblem problem = ProvableGraphs.of(model, RECORDS, ProvableOptions.defaults());
        assertEquals(Kind.LINEAR_HEAD, problem.kind());
        assertEquals(15, problem.objective().dimension());
        double[] released = random(15);
        problem.writeInto(model.graph(), released);
        assertArrayEquals(released, model.graph().params().toDoubleVector());
        // the mean of a few numbers of order 1
        assertEquals(problem.objective().value(released), score(model.graph()), 1e-14);
        INDArray input = RECORDS.all().getFeatures(0);
        INDArray cut = model.graph().feedForward(input, false).get("clip");
        assertTrue(
                ArrayBytes.same(model.graph().outputSingle(input), model.tail().outputSingle(cut)));
        model.base().verifyUnchanged();
        assertTrue(problem.notes().stream()
                .anyMatch(note -> note.contains("public")
                        && note.contains(model.base().fingerprint().toString())));
    }

    @Test
    void the_tail_on_cached_features_is_the_same_problem_with_its_radius_checked() {
        AdaptedModel model = Graphs.adapted(
                Graphs.withBody(0.8), config -> config.withTrainedInFull("out").withTargets());
        INDArray cut = model.prefix().orElseThrow().run(RECORDS.all().getFeatures(0))[0];
        Records cached = Records.of(new MultiDataSet(cut, RECORDS.all().getLabels(0)));
        ProvableProblem whole = ProvableGraphs.of(model, RECORDS, ProvableOptions.defaults());
        ProvableProblem tail = ProvableGraphs.of(
                model.tail(), cached, ProvableOptions.defaults().withFeatureRadius(0.8));
        assertEquals(
                whole.bounds().gradientBound().value(),
                tail.bounds().gradientBound().value(),
                1e-11);
        double[] theta = random(15);
        double[] here = new double[15];
        double[] there = new double[15];
        whole.objective().valueAndGradient(theta, here);
        tail.objective().valueAndGradient(theta, there);
        assertArrayEquals(here, there, 1e-14);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "1, false", "2, true", "4, false", "4, true"})
    void narrow_heads_are_computed_by_row_and_are_the_graphs_but_for_the_order_of_sums(int outputs, boolean bias) {
        Records records = outputs == 1
                ? Graphs.sigmoidRecords(9, 5, 1, 1).withIds(1, 2, 3, 5, 8, 13, 21, 34, 55)
                : Graphs.softmaxRecords(9, 5, outputs, 1).withIds(1, 2, 3, 5, 8, 13, 21, 34, 55);
        OutputLayer.Builder layer = outputs == 1 ? Graphs.sigmoid(5, 1) : Graphs.softmax(5, outputs);
        ComputationGraph graph = Graphs.head(layer.hasBias(bias).build());
        ProvableOptions options = ProvableOptions.defaults()
                .withFeatureRadius(1)
                .withNormaliser(16)
                .withWeightDecay(0.1);
        ProvableProblem byRow = ProvableGraphs.of(graph, records, options);
        ProvableProblem byGraph = ProvableGraphs.of(graph, records, options.withGradients(GradientMethod.BY_GRAPH));
        assertInstanceOf(HeadObjective.class, byRow.objective());
        assertInstanceOf(GraphObjective.class, byGraph.objective());
        assertEquals(byGraph.bounds(), byRow.bounds());
        assertArrayEquals(byGraph.start(), byRow.start());
        RecordIds some = RecordIds.of(2, 5, 21);
        double[] theta = random(byRow.objective().dimension());
        double[] expected = new double[theta.length];
        double[] got = new double[theta.length];
        for (boolean subset : new boolean[] {false, true}) {
            RecordObjective rows = subset ? byRow.objective().restrictedTo(some) : byRow.objective();
            RecordObjective chunks = subset ? byGraph.objective().restrictedTo(some) : byGraph.objective();
            assertEquals(chunks.valueAndGradient(theta, expected), rows.valueAndGradient(theta, got), 1e-14);
            assertArrayEquals(expected, got, 1e-14);
        }
        double byHalves = rounding(byRow);
        assertTrue(0 < byHalves && byHalves < rounding(byGraph), "fewer additions, less rounding");
    }

    private static double rounding(ProvableProblem problem) {
        RoundingModel.Head head = (RoundingModel.Head) problem.rounding().orElseThrow();
        return head.summation().relativeError(1000);
    }

    @Test
    void wide_heads_clipped_heads_and_heads_on_something_else_are_computed_by_the_graph() {
        Records records = Graphs.softmaxRecords(6, 3, 5, 1);
        ProvableOptions options = ProvableOptions.defaults().withFeatureRadius(1);
        assertInstanceOf(
                GraphObjective.class,
                ProvableGraphs.of(Graphs.head(Graphs.softmax(3, 5).build()), records, options)
                        .objective());
        assertInstanceOf(
                ClippedObjective.class,
                ProvableGraphs.of(
                                Graphs.head(Graphs.sigmoid(3, 1).build()),
                                Graphs.sigmoidRecords(6, 3, 1, 1),
                                options.withClipping(Clipping.perRecord(0.5)))
                        .objective());
        assertInstanceOf(
                GraphObjective.class,
                ProvableGraphs.of(
                                Graphs.clippedHead(1, Graphs.sigmoid(3, 1).build()),
                                Graphs.sigmoidRecords(6, 3, 1, 1),
                                options)
                        .objective());
    }

    @Test
    void only_b_of_a_frozen_a_changes_and_the_outputs_are_the_objectives() {
        AdaptedModel model = Graphs.adapted(Graphs.withBody(0.8), config -> config.withTargets("out"));
        INDArray a = model.graph().getLayer("out").getParam("A").dup();
        ProvableProblem problem = ProvableGraphs.of(model, RECORDS, ProvableOptions.defaults());
        assertEquals(Kind.FROZEN_A, problem.kind());
        assertEquals(6, problem.objective().dimension());
        assertArrayEquals(new double[6], problem.start());
        double[] released = random(6);
        problem.writeInto(model.graph(), released);
        assertTrue(ArrayBytes.same(a, model.graph().getLayer("out").getParam("A")));
        assertArrayEquals(
                released,
                model.graph().getLayer("out").getParam("B").dup('f').data().asDouble());
        assertEquals(problem.objective().value(released), score(model.graph()), 1e-14);
        model.base().verifyUnchanged();
        double norm = spectralNorm(a);
        // √2·s·‖A‖·0.8, with s = 2; the bound of the norm errs upwards by about 1e-12
        double bound = problem.bounds().gradientBound().value();
        assertTrue(bound >= Math.sqrt(2) * 2 * norm * 0.8 * (1 - 1e-14));
        assertEquals(Math.sqrt(2) * 2 * norm * 0.8, bound, 1e-10);
    }

    private static double spectralNorm(INDArray a) {
        INDArray v = TestNetworks.normal(DataType.DOUBLE, new Random(1), a.size(1), 1);
        for (int k = 0; k < 500; k++) {
            v = a.transpose().mmul(a.mmul(v));
            v.divi(v.norm2Number());
        }
        return a.mmul(v).norm2Number().doubleValue();
    }

    @Test
    void both_factors_start_and_stay_in_their_ball() {
        AdaptedModel model = Graphs.adapted(Graphs.withBody(0.8), config -> config.withTargets("out"));
        ProvableProblem problem = ProvableGraphs.of(
                model,
                RECORDS,
                ProvableOptions.defaults().withFactors(TrainedFactors.BOTH).withParameterRadius(0.1));
        assertEquals(14, problem.objective().dimension());
        assertEquals(List.of(new IndexRange(0, 14)), problem.balls().get(0).ranges());
        assertEquals(0.1, problem.balls().get(0).norm(problem.start()), 1e-14);
        assertEquals(0.2, problem.bounds().diameter().value(), 1e-15);
        // G = s·√2·X·R and L = s·√2·X + s²·R²·X²/2
        assertEquals(
                2 * Math.sqrt(2) * 0.8 * 0.1, problem.bounds().gradientBound().value(), 1e-14);
        assertEquals(
                2 * Math.sqrt(2) * 0.8 + 4 * 0.01 * 0.32,
                problem.bounds().lipschitz().value(),
                1e-14);
    }

    @Test
    void a_smooth_networks_balls_are_around_each_weight_and_bias() {
        ComputationGraph graph = network();
        ProvableProblem problem = ProvableGraphs.of(graph, RECORDS, OPTIONS);
        assertEquals(Kind.SMOOTH_NETWORK, problem.kind());
        assertEquals(
                List.of(
                        new ParameterBall(range(0, 15), 1),
                        new ParameterBall(range(15, 20), 0.5),
                        new ParameterBall(range(20, 35), 0.25),
                        new ParameterBall(range(35, 38), 2)),
                problem.balls());
        assertEquals(
                2 * Math.sqrt(1 + 0.25 + 0.0625 + 4),
                problem.bounds().diameter().value(),
                1e-14);
        double[] initial = graph.params().toDoubleVector();
        double[] start = problem.start();
        for (ParameterBall ball : problem.balls()) {
            assertEquals(Math.min(ball.norm(initial), ball.radius()), ball.norm(start), 1e-14);
        }
        double[] released = random(38);
        problem.project(released);
        problem.writeInto(graph, released);
        assertEquals(problem.objective().value(released), score(graph), 1e-14);
    }

    private static List<IndexRange> range(int from, int to) {
        return List.of(new IndexRange(from, to));
    }

    @Test
    void decay_and_normaliser_are_the_options() {
        ProvableProblem problem = ProvableGraphs.of(
                Graphs.head(Graphs.softmax(3, 3).build()),
                RECORDS,
                OPTIONS.withWeightDecay(0.01).withNormaliser(16));
        assertEquals(0.01, problem.objective().weightDecay());
        assertEquals(16, problem.objective().fixedNormaliser().getAsDouble());
        assertEquals(LossCurvature.STRONGLY_CONVEX, problem.bounds().curvature());
        RoundingModel.Head rounding = (RoundingModel.Head) problem.rounding().orElseThrow();
        assertEquals(4, rounding.inputs());
        assertTrue(rounding.ofStep(
                        new LedgerStep(new StepMap(0.1, 0.01, new Normaliser.Fixed(16)), RecordIds.firstN(6)), 1)
                < 1e-14);
        AdaptedModel model = Graphs.adapted(Graphs.withBody(0.8), config -> config.withTargets("out"));
        ProvableProblem partial = ProvableGraphs.of(model, RECORDS, OPTIONS.withWeightDecay(0.01));
        assertTrue(partial.objective() instanceof PartialObjective);
        assertEquals(LossCurvature.STRONGLY_CONVEX, partial.bounds().curvature());
        assertEquals(
                GraphObjective.of(model.graph(), RECORDS).value(partial.parameters(partial.start())),
                partial.objective().value(partial.start()),
                1e-14);
    }

    @Test
    void a_projection_never_leaves_the_ball_and_leaves_what_is_inside_alone() {
        Random random = new Random(2);
        for (int k = 0; k < 500; k++) {
            int n = 1 + random.nextInt(40);
            double radius = Math.pow(10, random.nextInt(7) - 3) * (1 + random.nextDouble());
            ParameterBall ball = new ParameterBall(List.of(new IndexRange(0, n), new IndexRange(n + 1, n + 4)), radius);
            double[] theta = random.doubles(n + 6, -1, 1).toArray();
            double[] original = theta.clone();
            ball.project(theta);
            BigDecimal squares = BigDecimal.ZERO;
            for (int i = 0; i < n + 6; i++) {
                boolean inside = i != n && i < n + 4;
                squares = squares.add(inside ? new BigDecimal(theta[i]).pow(2) : BigDecimal.ZERO);
                assertTrue(inside || theta[i] == original[i]);
            }
            assertTrue(squares.compareTo(new BigDecimal(radius).pow(2)) <= 0);
            assertEquals(Math.min(ball.norm(original), radius), ball.norm(theta), 1e-14 * radius);
            double[] again = theta.clone();
            ball.project(again);
            assertArrayEquals(theta, again, 1e-14);
        }
    }
}
