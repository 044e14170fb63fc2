/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.amend4j.descent.Assurance;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.NormClipVertex;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.provable.ProvableProblem.Kind;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.testkit.OneIn;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** No sampled gradient and no sampled quotient exceeds its constant, and half of a constant would be exceeded. */
class ProvedConstantsTest {

    /** Gradients are slow and pairs of them are not: 4 records with 40 points each make 3120 pairs. */
    private static final int RECORDS = 4;

    private static final int POINTS = 40;

    /** A gradient is off by a few units; a quotient of gradients at points 1e-3 apart by a thousand times as much. */
    private static final double GRADIENT_TOLERANCE = 1e-13;

    private static final double QUOTIENT_TOLERANCE = 1e-10;

    private static final ProvableOptions PLAIN = ProvableOptions.defaults();

    enum Subject {
        LOGISTIC(Kind.LINEAR_HEAD, Assurance.ENFORCED, LossCurvature.CONVEX, Subject::logistic),
        LOGISTIC_IN_A_BALL(Kind.LINEAR_HEAD, Assurance.ENFORCED, LossCurvature.CONVEX, Subject::logisticInABall),
        LOGISTIC_CLIPPED(Kind.LINEAR_HEAD, Assurance.ENFORCED, LossCurvature.CONVEX, Subject::logisticClipped),
        SOFTMAX(Kind.LINEAR_HEAD, Assurance.PROVED, LossCurvature.CONVEX, Subject::softmax),
        WEIGHTED_SOFTMAX(Kind.LINEAR_HEAD, Assurance.PROVED, LossCurvature.CONVEX, Subject::weightedSoftmax),
        SIGMOIDS(Kind.LINEAR_HEAD, Assurance.PROVED, LossCurvature.CONVEX, Subject::sigmoids),
        FROZEN_A(Kind.FROZEN_A, Assurance.PROVED, LossCurvature.CONVEX, Subject::frozenA),
        BOTH_FACTORS(Kind.BOTH_FACTORS, Assurance.ENFORCED, LossCurvature.NONCONVEX, Subject::bothFactors),
        ADAPTED_NETWORK(Kind.ADAPTED_NETWORK, Assurance.ENFORCED, LossCurvature.NONCONVEX, Subject::adaptedNetwork),
        SMOOTH_NETWORK(Kind.SMOOTH_NETWORK, Assurance.ENFORCED, LossCurvature.NONCONVEX, Subject::smooth),
        SMOOTH_NETWORK_OF_AN_OWN_KIND(
                Kind.SMOOTH_NETWORK, Assurance.ENFORCED, LossCurvature.NONCONVEX, Subject::ownKind);

        private final Kind kind;
        private final Assurance assurance;
        private final LossCurvature curvature;
        private final Supplier<ProvableProblem> problem;

        Subject(Kind kind, Assurance assurance, LossCurvature curvature, Supplier<ProvableProblem> problem) {
            this.kind = kind;
            this.assurance = assurance;
            this.curvature = curvature;
            this.problem = problem;
        }

        private static ProvableProblem logistic() {
            return ProvableGraphs.of(
                    Graphs.head(Graphs.sigmoid(3, 1).build()),
                    Graphs.sigmoidRecords(8, 3, 1, 1.5),
                    PLAIN.withFeatureRadius(1.5));
        }

        /** Deeplearning4j's clip of probabilities at 1e-5 does not act in the ball. */
        private static ProvableProblem logisticInABall() {
            OutputLayer output =
                    Graphs.sigmoid(3, 1).lossFunction(new LossBinaryXENT()).build();
            return ProvableGraphs.of(
                    Graphs.head(output),
                    Graphs.sigmoidRecords(8, 3, 1, 1.5),
                    PLAIN.withFeatureRadius(1.5).withParameterRadius(6));
        }

        private static ProvableProblem logisticClipped() {
            return ProvableGraphs.of(
                    Graphs.head(Graphs.sigmoid(3, 1).build()),
                    Graphs.sigmoidRecords(8, 3, 1, 1.5),
                    PLAIN.withFeatureRadius(1.5).withClipping(Clipping.perRecord(1.2)));
        }

        private static ProvableProblem softmax() {
            return ProvableGraphs.of(
                    Graphs.clippedHead(2, Graphs.softmax(3, 3).build()), Graphs.softmaxRecords(8, 3, 3, 5), PLAIN);
        }

        private static ProvableProblem weightedSoftmax() {
            LossMCXENT loss = new LossMCXENT(Nd4j.createFromArray(new double[][] {{1, 3, 0.5}}));
            OutputLayer output =
                    Graphs.softmax(3, 3).lossFunction(loss).hasBias(false).build();
            return ProvableGraphs.of(Graphs.clippedHead(2, output), Graphs.softmaxRecords(8, 3, 3, 5), PLAIN);
        }

        private static ProvableProblem sigmoids() {
            return ProvableGraphs.of(
                    Graphs.clippedHead(2, Graphs.sigmoid(3, 3).build()), Graphs.sigmoidRecords(8, 3, 3, 5), PLAIN);
        }

        /** Features along A's largest direction: A·v with v from power iteration, clipped to the radius. */
        private static ProvableProblem frozenA() {
            AdaptedModel model = Graphs.adapted(
                    Graphs.clippedHead(1.5, Graphs.sigmoid(4, 2).build()), config -> config.withTargets("out"));
            INDArray a = model.graph().getLayer("out").getParam("A");
            INDArray v = Nd4j.ones(DataType.DOUBLE, 2, 1);
            for (int k = 0; k < 100; k++) {
                v = a.transpose().mmul(a.mmul(v));
                v.divi(v.norm2Number());
            }
            INDArray features =
                    Nd4j.vstack(a.mmul(v).transpose().mul(100), Graphs.onSphere(new Random(Graphs.SEED), 3, 4, 2));
            INDArray labels = Nd4j.createFromArray(new double[][] {{0, 1}, {1, 1}, {0, 0}, {1, 0}});
            return ProvableGraphs.of(model, Records.of(new MultiDataSet(features, labels)), PLAIN);
        }

        /** One input, one output, the base's weight so large that the probability is near 1. */
        private static ProvableProblem bothFactors() {
            ComputationGraph network =
                    Graphs.clippedHead(1, Graphs.sigmoid(1, 1).build());
            network.getLayer("out").getParam("W").assign(5);
            AdaptedModel model =
                    Graphs.adapted(network, config -> config.withTargets("out").withRankPattern("out", 1));
            INDArray features = Nd4j.createFromArray(new double[][] {{3}, {-2}, {0.5}, {1}});
            INDArray labels = Nd4j.createFromArray(new double[][] {{0}, {1}, {1}, {1}});
            return ProvableGraphs.of(
                    model,
                    Records.of(new MultiDataSet(features, labels)),
                    PLAIN.withFactors(TrainedFactors.BOTH).withParameterRadius(0.4));
        }

        /** One hidden unit, adapted, under a frozen output whose weight is small: close to the bound of one layer. */
        private static ProvableProblem adaptedNetwork() {
            ComputationGraph network = Graphs.graph(Graphs.builder()
                    .graphBuilder()
                    .addInputs("in")
                    .addVertex("clip", new NormClipVertex(1), "in")
                    .addLayer("hidden", Graphs.dense(1, 1, Activation.TANH), "clip")
                    .addLayer("out", Graphs.sigmoid(1, 1).build(), "hidden"));
            network.getLayer("hidden").getParam("W").assign(0.01);
            network.getLayer("out").getParam("W").assign(1);
            network.getLayer("out").getParam("b").assign(4);
            AdaptedModel model = Graphs.adapted(
                    network, config -> config.withTargets("hidden").withRankPattern("hidden", 1));
            INDArray features = Nd4j.createFromArray(new double[][] {{3}, {-2}, {0.5}, {1}});
            INDArray labels = Nd4j.createFromArray(new double[][] {{0}, {0}, {0}, {1}});
            return ProvableGraphs.of(
                    model,
                    Records.of(new MultiDataSet(features, labels)),
                    PLAIN.withFactors(TrainedFactors.BOTH).withParameterRadius(0.4));
        }

        private static ProvableProblem smooth() {
            return smooth(Graphs.dense(1, 1, Activation.TANH));
        }

        private static ProvableProblem ownKind() {
            return smooth(SineDense.of(1, 1));
        }

        private static ProvableProblem smooth(DenseLayer hidden) {
            ComputationGraph network = Graphs.graph(Graphs.builder()
                    .graphBuilder()
                    .addInputs("in")
                    .addVertex("clip", new NormClipVertex(1), "in")
                    .addLayer("hidden", hidden, "clip")
                    .addLayer("out", Graphs.sigmoid(1, 1).build(), "hidden"));
            return ProvableGraphs.of(
                    network,
                    Graphs.sigmoidRecords(6, 1, 1, 3),
                    PLAIN.withLayerRadii(0.3, 0.1).withLayerRadii("out", 0.05, 6));
        }
    }

    /** The largest shares of the constants that were met. */
    private record Shares(double gradient, double quotient) {}

    /** A parameter vector and a record's gradient there. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Point(double[] theta, double[] gradient) {}

    private static Shares sampled(ProvableProblem problem) {
        Random random = new Random(Graphs.SEED);
        RecordIds ids = problem.objective().records();
        double gradient = 0;
        double quotient = 0;
        int pairs = 0;
        for (int k = 0; k < RECORDS; k++) {
            List<Point> points = points(problem, RecordIds.of(ids.get(k)), random);
            for (Point one : points) {
                gradient = Math.max(gradient, norm(one.gradient));
                for (Point other : points.subList(0, points.indexOf(one))) {
                    double distance = distance(one.theta, other.theta);
                    if (distance > 1e-4) {
                        quotient = Math.max(quotient, distance(one.gradient, other.gradient) / distance);
                        pairs++;
                    }
                }
            }
        }
        assertTrue(pairs >= 2000, "got only " + pairs + " pairs");
        return new Shares(
                gradient / problem.bounds().gradientBound().value(),
                quotient / problem.bounds().lipschitz().value());
    }

    /** Every second one is beside the one before. */
    private static List<Point> points(ProvableProblem problem, RecordIds record, Random random) {
        RecordObjective loss = problem.objective().restrictedTo(record);
        int d = loss.dimension();
        List<Point> points = new ArrayList<>();
        for (int k = 0; k < POINTS; k++) {
            // logits stay below 36, where a sigmoid is 1 and Deeplearning4j's gradient no number
            double scale = new double[] {0.01, 1, 5}[random.nextInt(3)];
            double[] theta = k % 2 == 0
                    ? random.doubles(d, -scale, scale).toArray()
                    : beside(random, points.get(k - 1).theta, points.get(k - 1).gradient);
            problem.project(theta);
            double[] gradient = new double[d];
            loss.valueAndGradient(theta, gradient);
            points.add(new Point(theta, gradient));
        }
        return points;
    }

    /** Somewhere at a distance of 1e-3 to 3, along the gradient or anywhere. */
    private static double[] beside(Random random, double[] theta, double[] gradient) {
        double[] direction = random.nextBoolean() && norm(gradient) > 1e-6
                ? gradient.clone()
                : random.doubles(theta.length, -1, 1).toArray();
        double step = Math.pow(10, random.nextDouble() * 3.5 - 3) / norm(direction);
        double[] other = theta.clone();
        for (int i = 0; i < other.length; i++) {
            other[i] += step * direction[i];
        }
        return other;
    }

    private static double norm(double[] x) {
        return distance(x, new double[x.length]);
    }

    private static double distance(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (x[i] - y[i]) * (x[i] - y[i]);
        }
        return Math.sqrt(sum);
    }

    @ParameterizedTest
    @EnumSource(Subject.class)
    @OneIn(2)
    void no_sample_exceeds_a_constant_and_half_a_constant_is_exceeded(Subject subject) {
        ProvableProblem problem = subject.problem.get();
        assertEquals(subject.kind, problem.kind());
        assertEquals(subject.curvature, problem.bounds().curvature());
        assertEquals(subject.assurance, problem.bounds().gradientBound().assurance(), problem.toString());
        Shares shares = sampled(problem);
        assertTrue(shares.gradient <= 1 + GRADIENT_TOLERANCE, () -> shares + " of " + problem);
        assertTrue(shares.quotient <= 1 + QUOTIENT_TOLERANCE, () -> shares + " of " + problem);
        // under an adapter the bias is frozen, but the recursion counts it as trained
        double half = subject == Subject.ADAPTED_NETWORK ? 0.3 : 0.5;
        assertTrue(shares.gradient > half && shares.quotient > half, () -> shares + " of " + problem);
    }

    /** The reason why {@link Head#largestLogit} exists. */
    @Test
    void where_deeplearning4j_clips_probabilities_the_logistic_constants_are_wrong() {
        OutputLayer output = Graphs.sigmoid(1, 1)
                .lossFunction(new LossBinaryXENT())
                .hasBias(false)
                .build();
        Records records = Records.of(new MultiDataSet(
                Nd4j.createFromArray(new double[][] {{1}}), Nd4j.createFromArray(new double[][] {{1}})));
        RecordObjective objective = GraphObjective.of(Graphs.head(output), records);
        double[] above = new double[1];
        double[] below = new double[1];
        objective.valueAndGradient(new double[] {-11.6}, above);
        objective.valueAndGradient(new double[] {-12.6}, below);
        double rise = below[0] - above[0];
        assertTrue(rise > 0.25, "a convex loss's derivative is smaller further down, got a rise of " + rise);
    }
}
