/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import java.util.Optional;
import org.amend4j.internal.cuda.kernel.AdapterKernels;
import org.amend4j.internal.cuda.kernel.RectifierLayout;
import org.amend4j.internal.kernel.AdapterSum;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The kernels of adapter.cu on ND4J's arrays: matrices of floats that {@link Layouts} says yes to, nothing else. */
final class ArrayKernels {

    private final ArrayCard card;

    ArrayKernels(ArrayCard card) {
        this.card = card;
    }

    boolean takes(AdapterSum sum) {
        return launch(sum).isPresent() && card.isReady();
    }

    private static Optional<SumLaunch> launch(AdapterSum sum) {
        boolean plain = isMatrix(sum.y())
                && isMatrix(sum.low())
                && isMatrix(sum.up())
                && sum.bias().map(bias -> isRow(bias, sum.y().size(1))).orElse(true);
        return plain
                ? Layouts.adapterSum(Matrix.of(sum.y()), Matrix.of(sum.low()), Matrix.of(sum.up()))
                : Optional.empty();
    }

    void add(AdapterSum sum) {
        SumLaunch launch = launch(sum).orElseThrow(() -> new IllegalArgumentException("this sum is not taken: " + sum));
        INDArray y = sum.y();
        INDArray low = sum.low();
        INDArray up = sum.up();
        card.launch(
                AdapterKernels.SUM,
                launch.layout().threads(),
                address -> launch.arguments(
                        address.applyAsLong(y),
                        address.applyAsLong(low),
                        address.applyAsLong(up),
                        (float) sum.scale(),
                        sum.bias().map(address::applyAsLong).orElse(0L)),
                y,
                sum.bias().map(bias -> new INDArray[] {y, low, up, bias}).orElseGet(() -> new INDArray[] {y, low, up}));
    }

    boolean rectifierGradient(INDArray activations, INDArray upstream, double most, INDArray gradient) {
        if (!isMatrix(activations) || !isMatrix(upstream) || !isMatrix(gradient)) {
            return false;
        }
        Optional<RectifierLayout> layout =
                Layouts.rectifier(Matrix.of(activations), Matrix.of(upstream), Matrix.of(gradient));
        if (layout.isEmpty() || !card.isReady()) {
            return false;
        }
        card.launch(
                AdapterKernels.RECTIFIER,
                layout.get().threads(),
                address -> layout.get()
                        .arguments(
                                address.applyAsLong(activations),
                                address.applyAsLong(upstream),
                                (float) most,
                                address.applyAsLong(gradient)),
                gradient,
                activations,
                upstream);
        return true;
    }

    private static boolean isMatrix(INDArray array) {
        return array.rank() == 2 && array.dataType() == DataType.FLOAT && !array.isEmpty();
    }

    /** Whether a bias is a row of floats without gaps. */
    private static boolean isRow(INDArray bias, long columns) {
        return isMatrix(bias) && bias.size(0) == 1 && bias.size(1) == columns && (columns == 1 || bias.stride(1) == 1);
    }
}
