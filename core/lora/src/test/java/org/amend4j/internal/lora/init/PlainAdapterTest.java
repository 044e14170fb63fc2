/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import static org.amend4j.internal.lora.init.StartCase.matrix;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.numeric.Matrices;
import org.amend4j.testkit.TestNetworks;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Trained adapters with a base of their own, as plain ones. */
class PlainAdapterTest {

    static Stream<StartCase> cases() {
        return StartCase.all();
    }

    /** The residual is rounded to u of itself; the rest of both sides is summed in double. */
    @ParameterizedTest
    @MethodSource("cases")
    void converted_on_the_untouched_base_it_computes_what_was_trained(StartCase test) {
        Random random = new Random(test.seed());
        for (boolean rsLora : new boolean[] {false, true}) {
            LoraConfig config = LoraConfig.of(test.rank(), 3).withRsLora(rsLora);
            double s = config.scaling(test.rank(), 3);
            StartSite site = new StartSite("dense", test.weight(), test.rank(), s, 1);
            for (WeightStart start : new WeightStart[] {new Pissa(), new Olora(), new RandomisedPissa(1)}) {
                StartFactors first = start.of(site);
                INDArray a = first.a()
                        .add(TestNetworks.normal(test.type(), random, first.a().shape()));
                INDArray b = first.b()
                        .add(TestNetworks.normal(test.type(), random, first.b().shape()));
                PlainAdapter plain = PlainAdapter.of(first, a, b, 3, rsLora);
                double[][] residual = matrix(first.residual(test.weight(), s));
                double[][] trained = Matrices.plus(residual, s, Matrices.multiply(matrix(a), matrix(b)));
                double newS = config.scaling(plain.rank(), plain.alpha());
                double[][] converted = Matrices.plus(
                        matrix(test.weight()), newS, Matrices.multiply(matrix(plain.a()), matrix(plain.b())));
                assertEquals(2 * test.rank(), plain.rank());
                assertEquals(s, newS, 4 * 0x1p-53 * s);
                double sizes = s * Matrices.size(matrix(plain.a())) * Matrices.size(matrix(plain.b())) * plain.rank();
                double tolerance = test.unit() * Matrices.size(residual) + 40 * 0x1p-53 * (sizes + 10);
                for (int i = 0; i < trained.length; i++) {
                    assertArrayEquals(trained[i], converted[i], tolerance);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void an_untrained_adapter_converts_to_no_change(StartCase test) {
        StartFactors first = new Pissa().of(test.site());
        PlainAdapter plain = PlainAdapter.of(first, first.a(), first.b(), 1, false);
        double[][] change = Matrices.multiply(matrix(plain.a()), matrix(plain.b()));
        double sizes = Matrices.size(matrix(plain.a())) * Matrices.size(matrix(plain.b())) * plain.rank();
        assertEquals(0, Matrices.size(change), 2 * plain.rank() * 0x1p-53 * sizes);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void factors_stand_side_by_side_in_fortran_order(StartCase test) {
        StartFactors first = new Olora().of(test.site());
        INDArray a = first.a().mul(2);
        INDArray b = first.b().mul(3);
        PlainAdapter plain = PlainAdapter.of(first, a, b, 1, false);
        int r = test.rank();
        for (int k = 0; k < r; k++) {
            assertArrayEquals(matrix(a.transpose())[k], matrix(plain.a().transpose())[k], 0);
            assertArrayEquals(matrix(first.a().transpose())[k], matrix(plain.a().transpose())[r + k], 0);
            assertArrayEquals(matrix(b)[k], matrix(plain.b())[k], 0);
            assertArrayEquals(matrix(first.b().neg())[k], matrix(plain.b())[r + k], 0);
        }
        assertEquals(plain.a().size(0), plain.a().stride(1));
        assertEquals(plain.b().size(0), plain.b().stride(1));
    }
}
