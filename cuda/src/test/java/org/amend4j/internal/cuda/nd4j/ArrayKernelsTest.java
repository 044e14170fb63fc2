/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.amend4j.internal.cuda.kernel.AdapterKernels;
import org.amend4j.internal.kernel.AdapterSum;
import org.amend4j.internal.kernel.LoraKernels;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The laws with the emulated device in the place of the card, and what only it can show. */
class ArrayKernelsTest extends LoraKernelLaws {

    private final EmulatedCard card = new EmulatedCard();
    private final ArrayKernels kernels = new ArrayKernels(card);

    @Override
    LoraKernels kernels() {
        return new LoraKernels() {
            @Override
            public Optional<String> unavailable() {
                return Optional.empty();
            }

            @Override
            public boolean takes(AdapterSum sum) {
                return kernels.takes(sum);
            }

            @Override
            public void add(AdapterSum sum) {
                kernels.add(sum);
            }

            @Override
            public boolean rectifierGradient(INDArray activations, INDArray upstream, double most, INDArray gradient) {
                return kernels.rectifierGradient(activations, upstream, most, gradient);
            }
        };
    }

    @Test
    void aCardThatIsNotReadyDeclinesEverything() {
        INDArray c = array(N, COLUMNS, Memory.C);
        INDArray gradient = Nd4j.valueArrayOf(new long[] {N, COLUMNS}, 3f);
        AdapterSum good = sum(N, COLUMNS, Memory.C, Memory.C, Memory.C, false);
        assertTrue(kernels.takes(good));
        card.breakDown();
        assertFalse(kernels.takes(good));
        assertFalse(kernels.rectifierGradient(c, c, 6, gradient));
        assertEquals(3.0 * N * COLUMNS, gradient.sumNumber().doubleValue(), 0);
    }

    /** The twin: a transposed sum given its factors as if it were not. */
    @Test
    void swappedFactorsAreNoticed() {
        AdapterSum sum = sum(N, N, Memory.FORTRAN, Memory.FORTRAN, Memory.C, true);
        INDArray before = sum.y().castTo(DataType.DOUBLE);
        SumLaunch right = Layouts.adapterSum(Matrix.of(sum.y()), Matrix.of(sum.low()), Matrix.of(sum.up()))
                .orElseThrow();
        assertTrue(right.isTransposed());
        SumLaunch wrong = new SumLaunch(right.layout(), false);
        INDArray bias = sum.bias().orElseThrow();
        card.launch(
                AdapterKernels.SUM,
                wrong.layout().threads(),
                address -> wrong.arguments(
                        address.applyAsLong(sum.y()),
                        address.applyAsLong(sum.low()),
                        address.applyAsLong(sum.up()),
                        (float) SCALE,
                        address.applyAsLong(bias)),
                sum.y(),
                sum.y(),
                sum.low(),
                sum.up(),
                bias);
        assertFalse(wrong(sum, before).isEmpty());
    }

    /** Sizes that Java's own arrays do not reach are counted with 32 bits by the kernels(). */
    @Test
    void whatIsTooLargeIsDeclined() {
        Matrix low = new Matrix(10, 2, 2, 1);
        Matrix up = new Matrix(2, 20, 20, 1);
        assertTrue(Layouts.adapterSum(new Matrix(10, 20, 20, 1), low, up).isPresent());
        long far = 1L << 31;
        assertTrue(Layouts.adapterSum(new Matrix(10, 20, far - 1, 1), low, up).isPresent());
        assertFalse(Layouts.adapterSum(new Matrix(10, 20, far, 1), low, up).isPresent());
        assertFalse(Layouts.adapterSum(new Matrix(10, 20, 20, 1), new Matrix(10, 2, far, 1), up)
                .isPresent());
        assertFalse(Layouts.adapterSum(new Matrix(10, 20, 20, 1), low, new Matrix(2, 20, 20, far))
                .isPresent());
        assertFalse(Layouts.adapterSum(new Matrix(10, 20, 19, 1), low, up).isPresent(), "rows overlap");
        assertFalse(Layouts.adapterSum(new Matrix(far, 1, 1, 1), new Matrix(far, 2, 2, 1), new Matrix(2, 1, 1, 1))
                .isPresent());
    }
}
