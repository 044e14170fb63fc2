/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.amend4j.objective.IndexRange;
import org.amend4j.objective.PartialObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.TestCase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class PartialObjectiveTest {

    private static final long SEED = 5;
    private static final double LAMBDA = 0.3;
    private static final List<IndexRange> FREE = List.of(new IndexRange(2, 9), new IndexRange(40, 60));

    private final Random random = new Random(SEED);
    private final GraphObjective whole = GraphObjective.of(
                    TestCase.DENSE.network(DataType.DOUBLE, SEED),
                    Records.of(TestCase.DENSE.data(DataType.DOUBLE, 6, SEED)))
            .withWeightDecay(LAMBDA)
            .withNormaliser(8);
    private final double[] values = random.doubles(whole.dimension(), -1, 1).toArray();
    private final PartialObjective partial = PartialObjective.of(whole, FREE, values);

    private double[] point() {
        return random.doubles(partial.dimension(), -1, 1).toArray();
    }

    @Test
    void the_whole_vector_holds_the_free_parameters_in_their_places_and_the_fixed_values_elsewhere() {
        double[] theta = point();
        double[] full = partial.full(theta);
        double[] expected = values.clone();
        System.arraycopy(theta, 0, expected, 2, 7);
        System.arraycopy(theta, 7, expected, 40, 20);
        assertArrayEquals(expected, full);
        assertArrayEquals(theta, partial.free(full));
        assertEquals(27, partial.dimension());
    }

    @Tag("kernels")
    @Test
    void the_gradient_is_the_free_part_of_the_whole_gradient_bit_for_bit() {
        double[] theta = point();
        double[] gradient = new double[partial.dimension()];
        double value = partial.valueAndGradient(theta, gradient);
        double[] all = new double[whole.dimension()];
        double wholeValue = whole.valueAndGradient(partial.full(theta), all);
        for (int k = 0; k < gradient.length; k++) {
            int place = k < 7 ? 2 + k : 40 + k - 7;
            assertEquals(Double.doubleToRawLongBits(all[place]), Double.doubleToRawLongBits(gradient[k]));
        }
        double fixed = 0;
        for (int i = 0; i < values.length; i++) {
            boolean free = (i >= 2 && i < 9) || (i >= 40 && i < 60);
            fixed += free ? 0 : values[i] * values[i];
        }
        // a difference of two numbers of order 10
        assertEquals(wholeValue - LAMBDA / 2 * fixed, value, 1e-13);
        assertEquals(partial.value(theta), value, 1e-13);
    }

    @Test
    void the_gradient_agrees_with_differences() {
        double[] theta = point();
        double[] gradient = new double[partial.dimension()];
        partial.valueAndGradient(theta, gradient);
        double step = 1e-5;
        for (int k = 0; k < theta.length; k++) {
            double at = theta[k];
            theta[k] = at + step;
            double above = partial.value(theta);
            theta[k] = at - step;
            double below = partial.value(theta);
            theta[k] = at;
            // the step's square over 6, and rounding over the step: about 1e-10
            assertEquals((above - below) / (2 * step), gradient[k], 1e-7);
        }
    }

    @Test
    void a_restriction_is_the_part_of_the_restricted_whole() {
        RecordIds some = RecordIds.of(1, 4);
        double[] theta = point();
        double[] expected = new double[partial.dimension()];
        double[] actual = new double[partial.dimension()];
        PartialObjective.of(whole.restrictedTo(some), FREE, values).valueAndGradient(theta, expected);
        PartialObjective restricted = partial.restrictedTo(some);
        restricted.valueAndGradient(theta, actual);
        assertArrayEquals(expected, actual);
        assertEquals(some, restricted.records());
    }

    @Test
    void normaliser_and_decay_are_those_of_the_whole() {
        assertEquals(OptionalDouble.of(8), partial.fixedNormaliser());
        assertEquals(LAMBDA, partial.weightDecay());
        ClippedObjective clipped = whole.clipped(Clipping.perRecord(1));
        assertEquals(OptionalDouble.of(8), clipped.fixedNormaliser());
        assertEquals(LAMBDA, clipped.weightDecay());
        GraphObjective mean = GraphObjective.of(
                TestCase.DENSE.network(DataType.DOUBLE, SEED),
                Records.of(TestCase.DENSE.data(DataType.DOUBLE, 6, SEED)));
        assertEquals(OptionalDouble.empty(), mean.fixedNormaliser());
    }

    @Test
    void the_fingerprint_depends_on_ranges_and_fixed_values_but_not_on_free_ones() {
        double[] other = values.clone();
        other[5] += 1;
        assertEquals(
                partial.fingerprint(), PartialObjective.of(whole, FREE, other).fingerprint());
        other[0] += 1;
        assertNotEquals(
                partial.fingerprint(), PartialObjective.of(whole, FREE, other).fingerprint());
        List<IndexRange> shifted = List.of(new IndexRange(2, 9), new IndexRange(41, 61));
        assertNotEquals(
                partial.fingerprint(),
                PartialObjective.of(whole, shifted, values).fingerprint());
        assertNotEquals(
                partial.fingerprint(), partial.restrictedTo(RecordIds.of(0)).fingerprint());
    }

    @Test
    void ranges_that_do_not_fit_are_refused() {
        refused("got [7, 7)", () -> new IndexRange(7, 7));
        refused("got [-1, 7)", () -> new IndexRange(-1, 7));
        refused("at least one range", () -> PartialObjective.of(whole, List.of(), values));
        List<IndexRange> overlapping = List.of(new IndexRange(0, 4), new IndexRange(3, 8));
        refused("got [3, 8)", () -> PartialObjective.of(whole, overlapping, values));
        int end = whole.dimension() + 1;
        refused("got [0, " + end + ")", () -> PartialObjective.of(whole, List.of(new IndexRange(0, end)), values));
        refused("the values must have", () -> PartialObjective.of(whole, FREE, new double[3]));
    }
}
