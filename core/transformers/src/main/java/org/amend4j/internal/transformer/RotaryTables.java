/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Arrays;
import java.util.List;
import org.amend4j.internal.backend.RotaryKernels.Angles;
import org.amend4j.internal.network.Rotations;
import org.amend4j.transformer.Rotary;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The cosines and sines of rotary positions, of as many as were asked for so far. */
public final class RotaryTables {

    private final List<Double> frequencies;
    private @Nullable Tables made;

    /** [positions, D/2] */
    private record Tables(INDArray cosines, INDArray sines) {}

    public RotaryTables(Rotary rotary) {
        this.frequencies = rotary.frequencies();
    }

    /** Of some positions and all before them. */
    Angles upTo(int[] positions, DataType type, ArrayKernels kernels) {
        int count = Arrays.stream(positions).max().orElse(0) + 1;
        Tables tables = made;
        if (tables == null
                || tables.cosines().size(0) < count
                || tables.cosines().dataType() != type) {
            tables = new Tables(
                    table(Rotations.cosines(frequencies, count), type),
                    table(Rotations.sines(frequencies, count), type));
            made = tables;
        }
        return new Angles(kernels.into(tables.cosines()), kernels.into(tables.sines()));
    }

    private INDArray table(double[] values, DataType type) {
        return Nd4j.createFromArray(values)
                .castTo(type)
                .reshape(new long[] {values.length / frequencies.size(), frequencies.size()});
    }
}
