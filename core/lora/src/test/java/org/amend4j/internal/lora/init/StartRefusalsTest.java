/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.amend4j.lora.config.CordaConfig;
import org.amend4j.lora.config.EvaConfig;
import org.amend4j.lora.config.LoraGaConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Messages with the rule, the value and the place. */
class StartRefusalsTest {

    private static final INDArray WEIGHT = Nd4j.ones(DataType.DOUBLE, 6, 4);

    private static void refused(Executable call, String... parts) {
        String message = assertThrows(RuntimeException.class, call).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    private static StartSite site(int rank) {
        return new StartSite("dense_1", WEIGHT, rank, 2, 1);
    }

    @Test
    void a_rank_out_of_range() {
        refused(() -> site(0), "rank must be in [1, 4]", "6 x 4", "got 0", "'dense_1'");
        refused(() -> site(5), "rank must be in [1, 4]", "got 5", "'dense_1'");
        refused(
                () -> new LoraGa(LoraGaConfig.paper()).of(site(3), WEIGHT),
                "twice the rank must be <= 4",
                "2 x 3",
                "'dense_1'");
    }

    @Test
    void an_odd_rank_of_the_orthogonal_start() {
        refused(() -> new OrthogonalStart().of(site(3)), "rank must be even", "got 3", "'dense_1'");
    }

    @Test
    void other_parts_of_a_site() {
        refused(() -> new StartSite("", WEIGHT, 1, 1, 1), "target", "empty");
        refused(() -> new StartSite("d", WEIGHT, 1, 0, 1), "scaling must be > 0", "0.0", "'d'");
        refused(() -> new StartSite("d", WEIGHT, 1, Double.POSITIVE_INFINITY, 1), "scaling", "Infinity");
        refused(() -> new StartSite("d", Nd4j.ones(DataType.INT32, 3, 3), 1, 1, 1), "FLOAT or DOUBLE", "'d'");
        refused(() -> new StartSite("d", Nd4j.ones(DataType.FLOAT, 3, 3, 3), 1, 1, 1), "matrix", "'d'");
    }

    @Test
    void numbers_that_are_not_finite() {
        INDArray broken = WEIGHT.dup();
        broken.putScalar(2, 1, Double.NaN);
        StartSite site = new StartSite("dense_1", broken, 2, 1, 1);
        refused(() -> new Pissa().of(site), "weight must be finite", "'dense_1'");
        refused(() -> new LoraGa(LoraGaConfig.paper()).of(site(2), broken), "gradient must be finite", "'dense_1'");
        refused(() -> new InputCovariance("x", 4).addInPlace(broken), "inputs must be finite", "'x'");
        INDArray large = Nd4j.ones(DataType.FLOAT, 3, 3).muli(3e38f);
        refused(() -> new Pissa().of(new StartSite("d", large, 1, 1e-40, 1)), "finite in FLOAT", "'d'");
    }

    @Test
    void settings_of_starts() {
        refused(() -> new RandomisedPissa(-1), "iterations must be >= 0", "-1");
        refused(() -> new Eva(new EvaConfig(0.5, 0.9)), "rho must be >= 1", "0.5");
        refused(() -> new Eva(new EvaConfig(2, 1)), "threshold must be in (0, 1)", "1.0");
        refused(() -> new Corda(new CordaConfig(CordaConfig.Mode.IPM, -1)), "damping must be >= 0", "-1.0");
        refused(() -> new LoraGa(new LoraGaConfig(LoraGaConfig.Scale.STABLE, 0, false)), "gamma must be > 0", "0.0");
    }

    @Test
    void inputs_that_do_not_fit() {
        refused(() -> new InputCovariance("x", 5).addInPlace(WEIGHT), "[rows, 5]", "'x'");
        refused(() -> new InputComponents("x", 5, 6), "kept components", "[1, 5]", "6", "'x'");
        refused(
                () -> new Corda(CordaConfig.of(CordaConfig.Mode.KPM)).of(site(2), new InputCovariance("x", 5)),
                "6 inputs",
                "got 5");
        refused(
                () -> new Corda(CordaConfig.of(CordaConfig.Mode.KPM)).of(site(2), new InputCovariance("x", 6)),
                "at least one input",
                "'x'");
        refused(
                () -> new LoraGa(LoraGaConfig.paper()).of(site(2), Nd4j.ones(4, 6)),
                "gradient must be [6, 4]",
                "'dense_1'");
        InputComponents few = new InputComponents("x", 6, 4);
        few.addInPlace(Nd4j.ones(DataType.DOUBLE, 1, 6));
        refused(() -> new Eva(EvaConfig.standard()).of(site(2), few), "<= 1", "got 2", "'dense_1'");
        refused(() -> new Eva(EvaConfig.standard()).ranks(Map.of("a", 2), Map.of("b", few)), "'a'", "'b'");
    }

    @Test
    void a_covariance_without_full_rank_and_damping() {
        InputCovariance covariance = new InputCovariance("dense_1", 6);
        covariance.addInPlace(Nd4j.ones(DataType.DOUBLE, 3, 6));
        refused(
                () -> new Corda(new CordaConfig(CordaConfig.Mode.IPM, 0)).of(site(2), covariance),
                "positive definite",
                "damping 0.0",
                "3 inputs",
                "'dense_1'");
    }

    @Test
    void factors_and_conversions_that_do_not_fit() {
        StartFactors plain = new EmbeddingStart().of(site(2));
        StartFactors moved = new Pissa().of(site(2));
        refused(() -> new StartFactors(plain.a(), plain.a(), false), "[nIn, r] and [r, nOut]");
        refused(() -> plain.residual(plain.a(), 1), "weight must be [6, 4]");
        refused(() -> PlainAdapter.of(plain, plain.a(), plain.b(), 1, false), "moved");
        refused(() -> PlainAdapter.of(moved, moved.b(), moved.b(), 1, false), "a must have the shape");
        refused(() -> PlainAdapter.of(moved, moved.a(), moved.b(), 0, false), "alpha must be > 0", "0.0");
    }
}
