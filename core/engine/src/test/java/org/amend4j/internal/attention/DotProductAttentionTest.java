/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.internal.attention.DotProductAttention.Gradients;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Attention by OpenBLAS and loops, that in ND4J's operations, and the formula. */
class DotProductAttentionTest {

    private static final long KEY_SIZE = 3;
    private static final long VALUE_SIZE = 2;

    /** Central differences of step 1e-5: their error is about 1e-10 (see Gradients); two orders above. */
    private static final double STEP = 1e-5;

    private static final double DIFFERENCES = 1e-7;

    enum Masked {
        NOTHING,
        SOME,
        HALVES,
        ALL_OF_ONE
    }

    /** Sizes, whether queries are shared, what is masked, and the type. */
    record Case(AttentionSizes sizes, boolean shared, Masked masked, DataType type) {

        DotProductAttention attention(long seed) {
            Random random = new Random(seed);
            int queries = (shared ? 1 : sizes.examples()) * sizes.queries();
            int keys = sizes.examples() * sizes.keys();
            return new DotProductAttention(
                    sizes,
                    TestNetworks.normal(type, random, queries, sizes.heads() * KEY_SIZE),
                    TestNetworks.normal(type, random, keys, sizes.heads() * KEY_SIZE),
                    TestNetworks.normal(type, random, keys, sizes.heads() * VALUE_SIZE),
                    mask());
        }

        private Optional<INDArray> mask() {
            INDArray mask = Nd4j.ones(type, sizes.examples(), sizes.keys());
            switch (masked) {
                case NOTHING -> {
                    return Optional.empty();
                }
                case SOME -> {
                    mask.putScalar(0, 0, 0);
                    mask.putScalar(sizes.examples() - 1, sizes.keys() - 1, 0);
                }
                case HALVES -> mask.putScalar(0, 0, 0.5);
                case ALL_OF_ONE -> mask.getRow(0).assign(0);
            }
            return Optional.of(mask);
        }

        INDArray errors(long seed) {
            return TestNetworks.normal(type, new Random(seed), outputs());
        }

        INDArray output() {
            return Nd4j.createUninitialized(type, outputs(), 'c');
        }

        private long[] outputs() {
            return new long[] {(long) sizes.examples() * sizes.queries(), sizes.heads() * VALUE_SIZE};
        }

        /**
         * Numbers are of order 1 to 10; a softmax of up to 200 keys and sums of as many terms, half an ulp each, 6e-8 or 1e-16, and
         * exp to 2e-7.
         */
        double rounding() {
            return type == DataType.DOUBLE ? 1e-13 : 5e-5;
        }
    }

    /** The last sizes are more scores than are in hand at a time, in heads that do not divide by it. */
    static Stream<Case> cases() {
        return Stream.of(DataType.DOUBLE, DataType.FLOAT)
                .flatMap(type -> Stream.of(
                                new AttentionSizes(2, 1, 4, 4),
                                new AttentionSizes(3, 2, 5, 7),
                                new AttentionSizes(1, 3, 1, 2),
                                new AttentionSizes(2, 5, 150, 200))
                        .flatMap(sizes -> Arrays.stream(Masked.values())
                                .flatMap(masked ->
                                        Stream.of(false, true).map(shared -> new Case(sizes, shared, masked, type)))));
    }

    private static void assertClose(INDArray expected, INDArray actual, double rounding) {
        assertArrayEquals(expected.shape(), actual.shape());
        double difference = expected.sub(actual).amaxNumber().doubleValue();
        assertTrue(difference <= rounding, "differ by " + difference);
    }

    @ParameterizedTest
    @MethodSource("cases")
    @OneIn(3)
    void loops_and_nd4js_operations_compute_the_same(Case one) {
        DotProductAttention attention = one.attention(1);
        INDArray errors = one.errors(2);
        assertTrue(NativeAttention.takes(attention, errors));
        INDArray expected = one.output();
        INDArray actual = one.output();
        new PortableAttention(attention).forward(expected);
        new NativeAttention(attention).forward(actual);
        assertClose(expected, actual, one.rounding());
        Gradients portable = new PortableAttention(attention).backward(errors);
        Gradients ours = new NativeAttention(attention).backward(errors);
        assertClose(
                portable.queries(), ours.queries(), one.rounding() * one.sizes().examples());
        assertClose(portable.keys(), ours.keys(), one.rounding());
        assertClose(portable.values(), ours.values(), one.rounding());
    }

    @ParameterizedTest
    @EnumSource(Masked.class)
    void derivatives_are_differences_of_the_output(Masked masked) {
        for (boolean shared : new boolean[] {false, true}) {
            Case one = new Case(new AttentionSizes(2, 2, 3, 4), shared, masked, DataType.DOUBLE);
            DotProductAttention attention = one.attention(3);
            INDArray errors = one.errors(4);
            Gradients gradients = attention.backward(errors);
            assertDerivative(one, attention, errors, attention.queries(), gradients.queries());
            assertDerivative(one, attention, errors, attention.keys(), gradients.keys());
            assertDerivative(one, attention, errors, attention.values(), gradients.values());
        }
    }

    private static void assertDerivative(
            Case one, DotProductAttention attention, INDArray errors, INDArray argument, INDArray derivative) {
        // scores of which 10⁹ was taken are multiples of its unit in the last place, 1.2e-7: not to be differentiated
        boolean coarse = one.masked() == Masked.ALL_OF_ONE && argument != attention.values();
        long first = coarse ? argument.length() / 2 : 0;
        if (coarse && one.shared() && argument == attention.queries()) {
            return;
        }
        for (long i = first; i < argument.length(); i++) {
            double value = argument.getDouble(i);
            argument.putScalar(i, value + STEP);
            double more = along(one, attention, errors);
            argument.putScalar(i, value - STEP);
            double less = along(one, attention, errors);
            argument.putScalar(i, value);
            assertEquals((more - less) / (2 * STEP), derivative.getDouble(i), DIFFERENCES);
        }
        assertTrue(derivative.amaxNumber().doubleValue() > 0.01, "the derivative does not vanish");
    }

    private static double along(Case one, DotProductAttention attention, INDArray errors) {
        INDArray output = one.output();
        attention.forward(output);
        return output.mul(errors).sumNumber().doubleValue();
    }

    @Test
    void a_masked_key_has_no_share_at_all_and_gets_no_derivative() {
        for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
            Case one = new Case(new AttentionSizes(2, 2, 3, 4), false, Masked.SOME, type);
            DotProductAttention attention = one.attention(5);
            INDArray before = one.output();
            attention.forward(before);
            attention.keys().getRow(0).muli(7);
            attention.values().getRow(0).assign(1000);
            INDArray after = one.output();
            attention.forward(after);
            assertTrue(ArrayBytes.same(before, after));
            Gradients gradients = attention.backward(one.errors(6));
            for (INDArray row :
                    List.of(gradients.keys().getRow(0), gradients.values().getRow(0))) {
                assertEquals(0, row.amaxNumber().doubleValue());
            }
        }
    }

    @Test
    void rows_of_wider_matrices_are_taken_where_they_are() {
        Case one = new Case(new AttentionSizes(2, 2, 3, 3), false, Masked.NOTHING, DataType.DOUBLE);
        DotProductAttention apart = one.attention(7);
        INDArray together =
                Nd4j.hstack(apart.queries(), apart.keys(), apart.values()).dup('c');
        long width = 2 * KEY_SIZE;
        DotProductAttention fused = new DotProductAttention(
                one.sizes(),
                columns(together, 0, width),
                columns(together, width, 2 * width),
                columns(together, 2 * width, 2 * width + 2 * VALUE_SIZE),
                Optional.empty());
        INDArray expected = one.output();
        INDArray actual = one.output();
        apart.forward(expected);
        fused.forward(actual);
        assertTrue(ArrayBytes.same(expected, actual));
        INDArray errors = one.errors(8);
        assertTrue(ArrayBytes.same(
                apart.backward(errors).keys(), fused.backward(errors.dup('f')).keys()));
    }

    private static INDArray columns(INDArray matrix, long from, long to) {
        return matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
    }

    @Test
    void rows_that_do_not_fit_are_refused() {
        AttentionSizes sizes = new AttentionSizes(2, 2, 3, 3);
        INDArray rows = Nd4j.zeros(6, 4);
        assertEquals(
                "keys must be 2 times 3 rows, got [5, 4]",
                refusal(() -> new DotProductAttention(sizes, rows, Nd4j.zeros(5, 4), rows, Optional.empty())));
        assertEquals(
                "queries, keys and values must be as wide as 2 heads, the first two alike, got 4, 6 and 4",
                refusal(() -> new DotProductAttention(sizes, rows, Nd4j.zeros(6, 6), rows, Optional.empty())));
        assertEquals(
                "the mask of the keys must be [2, 3], got [3, 2]",
                refusal(() -> new DotProductAttention(sizes, rows, rows, rows, Optional.of(Nd4j.zeros(3, 2)))));
        assertEquals("heads must be >= 1, got 0", refusal(() -> new AttentionSizes(1, 0, 1, 1)));
    }

    private static String refusal(org.junit.jupiter.api.function.Executable refused) {
        return assertThrows(IllegalArgumentException.class, refused).getMessage();
    }
}
