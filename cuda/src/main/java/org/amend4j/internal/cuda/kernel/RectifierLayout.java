/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.internal.validation.Checks;

/**
 * Where the elements of a rectifier's gradient are: three matrices whose rows are contiguous.
 *
 * @param rows at least 1
 * @param columns at least 1
 * @param values elements from one row of the values to the next, at least {@code columns}
 * @param upstream the same of the upstream gradient
 * @param gradient the same of the result
 */
public record RectifierLayout(int rows, int columns, int values, int upstream, int gradient) {

    public RectifierLayout {
        Checks.atLeast(1, "rows", rows);
        Checks.atLeast(1, "columns", columns);
        Checks.atLeast(columns, "stride of the values", values);
        Checks.atLeast(columns, "stride of the upstream gradient", upstream);
        Checks.atLeast(columns, "stride of the gradient", gradient);
    }

    /** The threads for it. */
    public LaunchShape threads() {
        return Grids.quadsBy(columns, rows);
    }

    /** The arguments of {@link AdapterKernels#RECTIFIER} for memory that no device of ours owns, 64 bits each. */
    public long[] arguments(long valuesAddress, long upstreamAddress, float most, long gradientAddress) {
        return new long[] {
            valuesAddress,
            values,
            upstreamAddress,
            upstream,
            Integer.toUnsignedLong(Float.floatToRawIntBits(most)),
            gradientAddress,
            gradient,
            rows,
            columns
        };
    }
}
