/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExplainedVarianceTest {

    @ParameterizedTest
    @MethodSource("org.amend4j.estimator.Sequence#all")
    void itIsTheReference(Sequence golden) {
        assertEquals(
                golden.number("explained_variance"),
                ExplainedVariance.of(golden.column("values"), golden.column("value_targets"))
                        .orElseThrow(),
                Sequence.TOLERANCE);
    }

    @Test
    void aPerfectCriticExplainsAllAndAConstantNothing() {
        double[] targets = {1, 4, -2};
        assertEquals(OptionalDouble.of(1), ExplainedVariance.of(targets, targets));
        assertEquals(1, ExplainedVariance.of(new double[] {8, 11, 5}, targets).orElseThrow(), 1e-15);
        assertEquals(0, ExplainedVariance.of(new double[] {7, 7, 7}, targets).orElseThrow(), 1e-15);
    }

    @Test
    void equalTargetsLeaveNothingToExplain() {
        assertEquals(
                OptionalDouble.empty(), ExplainedVariance.of(new double[] {1, 2, 3}, new double[] {0.1, 0.1, 0.1}));
    }

    @Test
    void badNumbersAreRefused() {
        refused("a batch of targets must have", () -> ExplainedVariance.of(new double[0], new double[0]));
        refused("values must have one number a row", () -> ExplainedVariance.of(new double[2], new double[1]));
        refused("a value must be finite", () -> ExplainedVariance.of(new double[] {Double.NaN}, new double[1]));
    }

    @Test
    void columnsThatAreNoNumbersAreRefused() {
        double[] right = {1, 2};
        double[] wrong = {1, Double.NaN};
        refused("a value must be finite, got NaN (row 1)", () -> ExplainedVariance.of(wrong, right));
        refused("a target must be finite, got NaN (row 1)", () -> ExplainedVariance.of(right, wrong));
    }
}
