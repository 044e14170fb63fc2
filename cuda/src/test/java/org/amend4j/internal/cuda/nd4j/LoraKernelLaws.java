/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.amend4j.internal.cuda.kernel.AdapterSumLayout;
import org.amend4j.internal.kernel.AdapterSum;
import org.amend4j.internal.kernel.LoraKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** From ND4J's arrays to the kernels' results, whatever stands in the place of the card. */
abstract class LoraKernelLaws {

    private static final double UNIT = Math.scalb(1.0, -24);
    static final int N = 9;
    static final int COLUMNS = 35;
    private static final int RANK = 4;
    static final double SCALE = 0.75;

    private final Random random = new Random(61);

    /** What is tried. */
    abstract LoraKernels kernels();

    /** How an array lies in memory. */
    enum Memory {
        C,
        FORTRAN,
        /** Some columns of a wider one in C order. */
        C_VIEW,
        /** Some rows of a taller one in Fortran order. */
        FORTRAN_VIEW
    }

    @ParameterizedTest
    @EnumSource(Memory.class)
    void aSumIsItsDefinitionWhateverTheOrderOfItsArrays(Memory order) {
        for (Memory low : Memory.values()) {
            for (Memory up : Memory.values()) {
                assertSum(sum(N, COLUMNS, order, low, up, true));
            }
        }
        assertSum(sum(N, COLUMNS, order, Memory.FORTRAN, Memory.FORTRAN, false));
        assertSum(sum(1, COLUMNS, order, Memory.FORTRAN, Memory.FORTRAN, true));
        assertSum(sum(N, 1, order, Memory.FORTRAN, Memory.FORTRAN, true));
    }

    final AdapterSum sum(int n, int columns, Memory y, Memory low, Memory up, boolean withBias) {
        return new AdapterSum(
                array(n, columns, y),
                array(n, RANK, low),
                array(RANK, columns, up),
                SCALE,
                withBias ? Optional.of(array(1, columns, Memory.C)) : Optional.empty());
    }

    final void assertSum(AdapterSum sum) {
        INDArray before = sum.y().castTo(DataType.DOUBLE);
        assertTrue(kernels().takes(sum), sum.toString());
        kernels().add(sum);
        assertEquals("", wrong(sum, before));
    }

    /** The first element that is not what it should be. */
    static String wrong(AdapterSum sum, INDArray before) {
        for (int i = 0; i < before.size(0); i++) {
            for (int j = 0; j < before.size(1); j++) {
                int column = j;
                double shift = sum.bias().map(bias -> bias.getDouble(0, column)).orElse(0.0);
                double expected = before.getDouble(i, j) + shift;
                double size = Math.abs(before.getDouble(i, j)) + Math.abs(shift);
                for (int k = 0; k < RANK; k++) {
                    double term = SCALE * sum.low().getDouble(i, k) * sum.up().getDouble(k, j);
                    expected += term;
                    size += Math.abs(term);
                }
                // RANK products and sums, the scale and two more sums of terms that add up to size
                if (!(Math.abs(sum.y().getDouble(i, j) - expected) <= (2 * RANK + 3) * UNIT * size)) {
                    return "y[" + i + ", " + j + "] is " + sum.y().getDouble(i, j) + ", not " + expected;
                }
            }
        }
        return "";
    }

    @Test
    void whatTheKernelsCannotDoIsDeclined() {
        INDArray y = array(N, COLUMNS, Memory.FORTRAN);
        INDArray low = array(N, RANK, Memory.FORTRAN);
        INDArray up = array(RANK, COLUMNS, Memory.FORTRAN);
        INDArray gaps = array(2 * N, 2 * COLUMNS, Memory.C).get(interval(0, 2, 2 * N), interval(0, 2, 2 * COLUMNS));
        INDArray gappedBias = array(1, 2 * COLUMNS, Memory.C).get(all(), interval(0, 2, 2 * COLUMNS));
        INDArray tooHigh = array(N, AdapterSumLayout.MOST_RANK + 1, Memory.FORTRAN);
        List<AdapterSum> sums = new ArrayList<>();
        sums.add(new AdapterSum(gaps, low, up, SCALE, Optional.empty()));
        sums.add(new AdapterSum(y.castTo(DataType.DOUBLE), low, up, SCALE, Optional.empty()));
        sums.add(new AdapterSum(y, low.castTo(DataType.DOUBLE), up, SCALE, Optional.empty()));
        sums.add(new AdapterSum(y, low, up.castTo(DataType.DOUBLE), SCALE, Optional.empty()));
        sums.add(new AdapterSum(y, low, up, SCALE, Optional.of(gappedBias)));
        sums.add(new AdapterSum(y, low, up, SCALE, Optional.of(array(1, COLUMNS + 1, Memory.C))));
        sums.add(new AdapterSum(y, array(N + 1, RANK, Memory.C), up, SCALE, Optional.empty()));
        sums.add(new AdapterSum(y, low, array(RANK + 1, COLUMNS, Memory.C), SCALE, Optional.empty()));
        sums.add(new AdapterSum(
                y, tooHigh, array(AdapterSumLayout.MOST_RANK + 1, COLUMNS, Memory.FORTRAN), SCALE, Optional.empty()));
        for (AdapterSum sum : sums) {
            assertFalse(kernels().takes(sum), sum.toString());
            assertThrows(IllegalArgumentException.class, () -> kernels().add(sum));
        }
        assertTrue(kernels().takes(new AdapterSum(y, low, up, SCALE, Optional.empty())));
    }

    @ParameterizedTest
    @EnumSource(Memory.class)
    void aRectifiersGradientIsItsDefinition(Memory order) {
        for (double most : new double[] {0.5, Double.POSITIVE_INFINITY}) {
            INDArray activations = array(N, COLUMNS, order);
            for (int i = 0; i < N; i++) {
                for (int j = 0; j < COLUMNS; j++) {
                    double z = Math.min(Math.max(activations.getDouble(i, j), 0), most);
                    activations.putScalar(new int[] {i, j}, z);
                }
            }
            INDArray upstream = array(N, COLUMNS, order);
            INDArray gradient = array(N, COLUMNS, order);
            assertTrue(kernels().rectifierGradient(activations, upstream, most, gradient));
            for (int i = 0; i < N; i++) {
                for (int j = 0; j < COLUMNS; j++) {
                    double a = activations.getDouble(i, j);
                    double expected = a > 0 && a < most ? upstream.getDouble(i, j) : 0;
                    assertEquals(expected, gradient.getDouble(i, j), 0, order + " " + i + ", " + j);
                }
            }
        }
    }

    @Test
    void aGradientInMixedOrdersIsDeclinedAndNothingTouched() {
        INDArray c = array(N, COLUMNS, Memory.C);
        INDArray fortran = array(N, COLUMNS, Memory.FORTRAN);
        INDArray gradient = Nd4j.valueArrayOf(new long[] {N, COLUMNS}, 3f);
        assertFalse(kernels().rectifierGradient(c, fortran, 6, gradient));
        assertFalse(kernels().rectifierGradient(fortran, fortran, 6, gradient));
        assertFalse(kernels().rectifierGradient(c, c.castTo(DataType.DOUBLE), 6, gradient));
        assertFalse(kernels().rectifierGradient(c, array(N, COLUMNS - 1, Memory.C), 6, gradient));
        assertEquals(3.0 * N * COLUMNS, gradient.sumNumber().doubleValue(), 0);
    }

    final INDArray array(int rows, int columns, Memory order) {
        INDArray array = switch (order) {
            case C -> Nd4j.create(DataType.FLOAT, new long[] {rows, columns}, 'c');
            case FORTRAN -> Nd4j.create(DataType.FLOAT, new long[] {rows, columns}, 'f');
            case C_VIEW ->
                Nd4j.create(DataType.FLOAT, new long[] {rows, columns + 5}, 'c').get(all(), interval(2, columns + 2));
            case FORTRAN_VIEW ->
                Nd4j.create(DataType.FLOAT, new long[] {rows + 5, columns}, 'f').get(interval(2, rows + 2), all());
        };
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                array.putScalar(new int[] {i, j}, random.nextGaussian());
            }
        }
        return array;
    }
}
