/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.amend4j.contract.Backend.Opened;
import org.amend4j.contract.Subject.Case;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.objective.Objective;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.testkit.ClippedByDefinition;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** The laws of objectives, whatever computes them. */
@OneIn(3)
class ObjectiveContractTest {

    /** What the project promises of gradients in single precision, relative to the gradient's norm. */
    private static final double TOLERANCE = 1e-5;

    static List<Case> all() {
        return Subject.cases(subject -> true);
    }

    static List<Case> inDoubles() {
        return Subject.cases(Subject::hasDoubles);
    }

    static List<Case> adapted() {
        return Subject.cases(subject -> subject.isAdapted() && subject.hasDoubles());
    }

    /** The reference is Deeplearning4j in double; MobileNetV2's is Deeplearning4j in float, whose own error is as large. */
    @ParameterizedTest
    @MethodSource("all")
    @OneIn(9)
    void valueAndGradientAreDeeplearning4js(Case what) {
        DataType type = what.subject().hasDoubles() ? DataType.DOUBLE : DataType.FLOAT;
        GraphObjective reference = reference(what, type);
        double[] theta = reference.parameters();
        double[] expected = new double[theta.length];
        double value = reference.valueAndGradient(theta, expected);
        try (Opened opened = open(what)) {
            double[] actual = new double[theta.length];
            assertEquals(value, opened.objective().valueAndGradient(theta, actual), TOLERANCE * value);
            assertClose(expected, actual, TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    @OneIn(6)
    void itIsAFunction(Case what) {
        try (Opened opened = open(what)) {
            Objective objective = opened.objective();
            double[] theta = reference(what, DataType.FLOAT).parameters();
            double[] elsewhere = moved(theta);
            double[] gradient = new double[theta.length];
            double[] again = new double[theta.length];
            double value = objective.valueAndGradient(theta, gradient);
            assertNotEquals(value, objective.valueAndGradient(elsewhere, again));
            assertEquals(value, objective.value(theta));
            assertEquals(value, objective.valueAndGradient(theta, again));
            assertArrayEquals(gradient, again, 0);
        }
    }

    @ParameterizedTest
    @MethodSource("inDoubles")
    void aSubsetIsThoseRecordsAlone(Case what) {
        RecordIds subset = RecordIds.of(1, 4, 5, 6, 17);
        GraphObjective reference = reference(what, DataType.DOUBLE).restrictedTo(subset);
        double[] theta = reference.parameters();
        double[] expected = new double[theta.length];
        double value = reference.valueAndGradient(theta, expected);
        try (Opened opened = open(what)) {
            RecordObjective part = opened.objective().restrictedTo(subset);
            double[] actual = new double[theta.length];
            assertEquals(value, part.valueAndGradient(theta, actual), TOLERANCE * value);
            assertClose(expected, actual, TOLERANCE);
            assertArrayEquals(subset.stream().toArray(), part.records().stream().toArray());
        }
    }

    @ParameterizedTest
    @MethodSource("inDoubles")
    void normaliserAndWeightDecayAreAsDefined(Case what) {
        GraphObjective reference =
                reference(what, DataType.DOUBLE).withNormaliser(100).withWeightDecay(0.3);
        double[] theta = reference.parameters();
        double[] expected = new double[theta.length];
        double value = reference.valueAndGradient(theta, expected);
        try (Opened opened = open(what)) {
            RecordObjective objective = opened.normalised(100, 0.3);
            double[] actual = new double[theta.length];
            assertEquals(value, objective.valueAndGradient(theta, actual), TOLERANCE * value);
            assertClose(expected, actual, TOLERANCE);
            assertEquals(100, objective.fixedNormaliser().orElseThrow());
            assertEquals(0.3, objective.weightDecay());
            assertNotEquals(opened.objective().fingerprint(), objective.fingerprint());
        }
    }

    @ParameterizedTest
    @MethodSource("inDoubles")
    void clippingIsAsDefined(Case what) {
        GraphObjective plain = reference(what, DataType.DOUBLE);
        double[] theta = plain.parameters();
        double bound = normOf(plain.restrictedTo(RecordIds.of(0)), theta);
        RecordObjective reference =
                ClippedByDefinition.of(plain, what.subject().data(DataType.DOUBLE), Clipping.perRecord(bound));
        double[] expected = new double[theta.length];
        double value = reference.valueAndGradient(theta, expected);
        try (Opened opened = open(what)) {
            double[] actual = new double[theta.length];
            RecordObjective clipped = opened.clipped(Clipping.perRecord(bound));
            assertEquals(value, clipped.valueAndGradient(theta, actual), TOLERANCE * value);
            // shares are clipped to as much as 1e-5 less in single precision
            assertClose(expected, actual, 3 * TOLERANCE);
            assertTrue(
                    distance(expected, gradientOf(opened.objective(), theta)) > 0.01 * norm(expected),
                    "some are clipped");
        }
    }

    /** A fifth of the records each, whose gradients partly cancel. */
    @ParameterizedTest
    @MethodSource("inDoubles")
    void clippingSubjectsIsAsDefined(Case what) {
        GraphObjective plain =
                GraphObjective.of(what.subject().graph(DataType.DOUBLE), ownedByFive(what, DataType.DOUBLE));
        double[] theta = plain.parameters();
        RecordIds ofOne = ownedByFive(what, DataType.DOUBLE).ownedByAnyOf(2);
        double bound = 0.5 * normOf(plain.restrictedTo(ofOne).withNormaliser(1), theta);
        double[] expected = gradientOf(
                ClippedByDefinition.of(plain, ownedByFive(what, DataType.DOUBLE), Clipping.perSubject(bound)), theta);
        what.backend().require();
        try (Opened opened =
                what.backend().open(what.subject().graph(DataType.FLOAT), ownedByFive(what, DataType.FLOAT))) {
            RecordObjective clipped = opened.clipped(Clipping.perSubject(bound));
            // shares are clipped to as much as 1e-4 less in single precision, as sums of products of many rows
            assertClose(expected, gradientOf(clipped, theta), 20 * TOLERANCE);
            double share = normOf(clipped.restrictedTo(ofOne), theta) * ofOne.size();
            assertTrue(share <= bound && share > 0.99 * bound, "subject 2: " + share);
        }
    }

    private static Records ownedByFive(Case what, DataType type) {
        Records data = what.subject().data(type);
        return data.ownedBy(LongStream.range(0, data.size()).map(k -> k % 5).toArray());
    }

    @ParameterizedTest
    @MethodSource("inDoubles")
    void nobodysShareIsLargerThanTheBound(Case what) {
        double bound = 1e-2;
        double[] theta = reference(what, DataType.FLOAT).parameters();
        try (Opened opened = open(what)) {
            RecordObjective clipped = opened.clipped(Clipping.perRecord(bound));
            LongStream.range(0, 5).forEach(id -> {
                double norm = normOf(clipped.restrictedTo(RecordIds.of(id)), theta);
                assertTrue(norm <= bound && norm > 0.999 * bound, "record " + id + ": " + norm);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("adapted")
    void normsOfTheAdaptedWeightsGradientsAreTheReferences(Case what) {
        GraphObjective reference = reference(what, DataType.DOUBLE);
        double[] theta = reference.parameters();
        double[] expected = new double[reference.adapters().size()];
        reference.valueAndGradient(theta, new double[theta.length], expected);
        try (Opened opened = open(what)) {
            double[] actual = new double[expected.length];
            double[] gradient = new double[theta.length];
            opened.lowRank().valueAndGradient(theta, gradient, actual);
            for (int k = 0; k < expected.length; k++) {
                assertEquals(expected[k], actual[k], TOLERANCE * expected[k]);
            }
            assertArrayEquals(gradientOf(opened.objective(), theta), gradient, 0);
            assertEquals(
                    reference.adapters().toString(), opened.lowRank().adapters().toString());
        }
    }

    private static GraphObjective reference(Case what, DataType type) {
        Records data = what.subject().data(type);
        return GraphObjective.of(what.subject().graph(type), data);
    }

    private static Opened open(Case what) {
        what.backend().require();
        return what.backend()
                .open(what.subject().graph(DataType.FLOAT), what.subject().data(DataType.FLOAT));
    }

    private static double[] moved(double[] theta) {
        Random random = new Random(2);
        double[] elsewhere = theta.clone();
        for (int k = 0; k < elsewhere.length; k++) {
            elsewhere[k] += 0.1 * random.nextGaussian();
        }
        return elsewhere;
    }

    private static double[] gradientOf(Objective objective, double[] theta) {
        double[] gradient = new double[theta.length];
        objective.valueAndGradient(theta, gradient);
        return gradient;
    }

    private static double normOf(Objective objective, double[] theta) {
        return norm(gradientOf(objective, theta));
    }

    private static void assertClose(double[] expected, double[] actual, double tolerance) {
        double error = distance(expected, actual) / norm(expected);
        assertTrue(error <= tolerance, "relative error " + error);
    }

    private static double norm(double[] vector) {
        return distance(vector, new double[vector.length]);
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += (a[k] - b[k]) * (a[k] - b[k]);
        }
        return Math.sqrt(sum);
    }
}
