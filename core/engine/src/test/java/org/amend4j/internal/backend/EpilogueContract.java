/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.amend4j.internal.backend.MachineContract.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.EpilogueLaws.Case;
import org.amend4j.internal.backend.EpilogueLaws.Numbers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Products with epilogues, on machines that have them. */
public interface EpilogueContract extends MachineContract {

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.EpilogueLaws#cases")
    default void anEpilogueIsItsFormulaAfterTheProduct(Case shape) {
        try (Machine machine = open()) {
            assertTrue(machine.hasEpilogues());
            for (Numbers numbers : Numbers.values()) {
                EpilogueLaws.bias(machine, machine::multiply, numbers, shape);
                EpilogueLaws.rectifier(machine, machine::multiply, numbers, shape);
                EpilogueLaws.gradient(machine, machine::multiply, numbers, shape);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(Numbers.class)
    default void whatIsNotANumberStaysSoAndIsNotPositive(Numbers numbers) {
        try (Machine machine = open()) {
            EpilogueLaws.notANumber(machine, machine::multiply, numbers);
        }
    }

    /** The first time outside, as libraries load what they need. */
    @Test
    default void productsWithEpiloguesAreRecorded() {
        try (Machine machine = open();
                Values values = new Values(machine, ElementType.FLOAT, 16)) {
            MachineArray a = values.in(values.normal(70 * 8));
            MachineArray b = values.in(values.normal(8 * 32));
            MachineArray bias = values.in(values.normal(32));
            SignMask mask = new SignMask(values.freshInts(SignMask.words(70, 32)), 70, 32);
            MachineArray c = values.fresh(70 * 32);
            MachineArray d = values.fresh(70 * 32);
            MachineArray sums = values.fresh(32);
            Runnable work = () -> {
                machine.multiply(Gemm.rows(70, 32, 8), a, b, c, new Epilogue.BiasRectifier(bias, Optional.of(mask)));
                machine.multiply(
                        Gemm.rows(70, 32, 8), a, b, d, new Epilogue.RectifierGradient(mask, Optional.of(sums)));
            };
            work.run();
            double[] once = values.get(sums);
            try (Recording recording = machine.record(work)) {
                machine.fill(sums, 0);
                machine.fill(d, 0);
                recording.replay();
            }
            assertArrayEquals(once, values.get(sums));
        }
    }

    @Test
    default void withoutRowsTheSumsAreZeros() {
        try (Machine machine = open();
                MachineArray none = machine.allocate("none", ElementType.FLOAT, 0);
                MachineArray b = machine.allocate("b", ElementType.FLOAT, 6);
                MachineArray words = machine.allocate("mask", ElementType.INT, 0);
                MachineArray sums = machine.allocate("sums", ElementType.FLOAT, 2)) {
            machine.multiply(
                    Gemm.rows(0, 2, 3),
                    none,
                    b,
                    none,
                    new Epilogue.RectifierGradient(new SignMask(words, 0, 2), Optional.of(sums)));
            assertArrayEquals(new double[2], machine.downloadDoubles(sums));
        }
    }

    @Test
    default void badEpiloguesAreRefused() {
        try (Machine machine = open();
                MachineArray a = machine.allocate("a", ElementType.FLOAT, 6);
                MachineArray c = machine.allocate("c", ElementType.FLOAT, 9);
                MachineArray words = machine.allocate("mask", ElementType.INT, 12)) {
            Gemm product = Gemm.rows(3, 3, 2);
            MachineArray square = c.slice(0, 9);
            refused(
                    "the bias of an epilogue must be FLOAT[3], got FLOAT[6]",
                    () -> machine.multiply(product, a, a, square, new Epilogue.Bias(a)));
            refused(
                    "matrix C overlaps the bias",
                    () -> machine.multiply(product, a, a, square, new Epilogue.Bias(c.slice(4, 3))));
            refused(
                    "the sums of an epilogue must be FLOAT[3], got INT[3]",
                    () -> machine.multiply(
                            product,
                            a,
                            a,
                            square,
                            new Epilogue.RectifierGradient(new SignMask(words, 3, 3), Optional.of(words.slice(0, 3)))));
            refused(
                    "the mask of an epilogue must be [3, 3], got [3, 5]",
                    () -> machine.multiply(
                            product,
                            a,
                            a,
                            square,
                            new Epilogue.RectifierGradient(new SignMask(words, 3, 5), Optional.empty())));
            refused("mask must be INT[8]", () -> new SignMask(words, 2, 3));
            refused(
                    "a product with an epilogue is in order ROWS",
                    () -> machine.multiply(
                            Gemm.contiguous(MatrixOrder.COLUMNS, false, false, 3, 3, 2),
                            a,
                            a,
                            square,
                            new Epilogue.Bias(a.slice(0, 3))));
        }
    }
}
