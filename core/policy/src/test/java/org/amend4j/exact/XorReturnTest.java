/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.amend4j.environment.Golden;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.XorMdp;
import org.amend4j.numeric.Matrices;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The XOR process: closed forms, linear systems and enumeration agree to 1e-12. */
class XorReturnTest {

    private static final double TOLERANCE = 1e-12;
    private static final JsonNode ORACLE = GoldenJson.read(Golden.class, "xor_mdp.json");
    private static final LogitMap TWO_LOGITS = new LogitMap.Bernoulli(2);

    private static double[] times(double factor, double[] x) {
        double[] result = new double[x.length];
        Matrices.add(factor, x, result);
        return result;
    }

    private static double[][] times(double factor, double[][] x) {
        return new double[][] {times(factor, x[0]), times(factor, x[1])};
    }

    @Test
    void closedFormsAndLinearSystemsAreTheReferences() {
        for (JsonNode reference : ORACLE.get("cases")) {
            double gamma = reference.get("gamma").doubleValue();
            XorReturn closed = new XorReturn(gamma, 0);
            ExactReturn solved = ExactReturn.of(XorMdp.plain(), TWO_LOGITS, gamma);
            Close.toNumber(reference.get("c"), closed.best(), TOLERANCE);
            Close.toNumber(reference.get("covariance_limit_at_0"), closed.saddleVariance(), TOLERANCE);
            Close.toNumber(
                    reference.get("lambda_max_at_0"),
                    solved.returnSpectrum(new double[2]).largest(),
                    TOLERANCE);
            for (JsonNode point : reference.get("points")) {
                comparePoint(point, closed, solved);
            }
        }
    }

    private static void comparePoint(JsonNode point, XorReturn closed, ExactReturn solved) {
        double[] theta = GoldenJson.numbers(point.get("theta"));
        double c = closed.best();
        Close.toNumber(point.get("J"), c * closed.share(theta), TOLERANCE);
        Close.toNumber(point.get("J"), solved.expectedReturn(theta), TOLERANCE);
        Close.toNumbers(point.get("grad"), times(c, closed.shareGradient(theta)), TOLERANCE);
        Close.toNumbers(point.get("grad"), solved.returnGradient(theta), TOLERANCE);
        Close.toMatrix(point.get("hessian"), times(c, closed.shareHessian(theta)), TOLERANCE);
        Close.toMatrix(point.get("hessian"), solved.returnHessian(theta), TOLERANCE);
        Close.toNumbers(point.get("eigenvalues"), solved.returnSpectrum(theta).values(), TOLERANCE);
        assertEquals(6, point.get("truncated").size());
        for (JsonNode truncated : point.get("truncated")) {
            int horizon = truncated.get("H").intValue();
            ExactReturn cut = solved.truncated(horizon);
            double cH = closed.best(horizon);
            Close.toNumber(truncated.get("J_H"), cH * closed.share(theta), TOLERANCE);
            Close.toNumber(truncated.get("J_H"), cut.expectedReturn(theta), TOLERANCE);
            Close.toNumbers(truncated.get("grad_H"), times(cH, closed.shareGradient(theta)), TOLERANCE);
            Close.toNumbers(truncated.get("grad_H"), cut.returnGradient(theta), TOLERANCE);
            Close.to(times(cH, closed.shareHessian(theta)), cut.returnHessian(theta), TOLERANCE);
            Close.toNumber(truncated.get("relative_bias"), 1 - cH / c, TOLERANCE);
        }
    }

    /** Reward-to-go of absolute time, every string of actions with its probability: no sampling, rounding only. */
    @Test
    void enumeratingAllActionsGivesTheEstimatorsMeanCovarianceAndHessian() {
        assertEquals(7, ORACLE.get("enumeration").size());
        for (JsonNode reference : ORACLE.get("enumeration")) {
            double gamma = reference.get("gamma").doubleValue();
            int horizon = reference.get("H").intValue();
            double[] theta = GoldenJson.numbers(reference.get("theta"));
            XorStrings all = XorStrings.of(theta, gamma, horizon);
            Close.toNumbers(reference.get("mean"), all.mean(), TOLERANCE);
            Close.toMatrix(reference.get("covariance"), all.covariance(), TOLERANCE);
            Close.toMatrix(reference.get("mean_hessian"), all.hessian(), TOLERANCE);

            XorReturn closed = new XorReturn(gamma, 0);
            double cH = closed.best(horizon);
            Close.to(times(cH, closed.shareGradient(theta)), all.mean(), TOLERANCE);
            Close.to(times(cH, closed.shareHessian(theta)), all.hessian(), TOLERANCE);
            if (theta[0] == 0) {
                double variance = closed.saddleVariance(horizon);
                Close.to(new double[][] {{variance, 0}, {0, variance}}, all.covariance(), TOLERANCE);
            }
        }
    }

    @ParameterizedTest(name = "stay {0}")
    @ValueSource(doubles = {0.05, 0.2, 0.5, 0.9})
    void lazyClosedFormsAreTheLinearSystems(double stay) {
        TabularEnvironment lazy = XorMdp.lazy(stay);
        for (double gamma : new double[] {0.3, 0.9, 0.99}) {
            XorReturn closed = new XorReturn(gamma, stay);
            ExactReturn solved = ExactReturn.of(lazy, TWO_LOGITS, gamma);
            double[] theta = {0.4, -0.3};
            Close.to(closed.best() * closed.share(theta), solved.expectedReturn(theta), TOLERANCE);
            Close.to(times(closed.best(), closed.shareHessian(theta)), solved.returnHessian(theta), TOLERANCE);
            for (int horizon : new int[] {1, 2, 3, 8, 51}) {
                double cH = closed.best(horizon);
                ExactReturn cut = solved.truncated(horizon);
                Close.to(times(cH, closed.shareGradient(theta)), cut.returnGradient(theta), TOLERANCE);
            }
            Close.to(closed.best(), closed.best(100_000), TOLERANCE);
        }
    }

    @Test
    void theSaddleIsExactlyStationaryAndStrict() {
        ExactReturn solved = ExactReturn.of(XorMdp.plain(), TWO_LOGITS, 0.9);
        assertArrayEquals(new double[2], solved.returnGradient(new double[2]));
        double[] top = solved.returnSpectrum(new double[2]).top();
        assertEquals(Math.sqrt(0.5), Math.abs(top[0]), TOLERANCE);
        assertEquals(top[0], top[1], TOLERANCE);
        assertTrue(solved.returnSpectrum(new double[2]).largest() > 1.18);
    }

    @Test
    void theVarianceOfTheLazyVariantIsRefused() {
        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> new XorReturn(0.9, 0.2).saddleVariance());
        assertEquals("the variance is that of the plain variant only, got stay 0.2", refused.getMessage());
    }
}
