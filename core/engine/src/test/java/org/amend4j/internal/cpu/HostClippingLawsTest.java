/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.List;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.ClippedRows;
import org.amend4j.internal.backend.ClippingLaws;
import org.amend4j.internal.backend.Kernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The host keeps the laws of clipping, in floats and in doubles. */
class HostClippingLawsTest {

    /** What the host multiplies in. */
    private static final List<ProductPrecision> PRECISIONS = List.of(ProductPrecision.FP32);

    @ParameterizedTest(name = "{0} examples of {1} rows, gap {2}, seed {3}")
    @MethodSource("org.amend4j.internal.backend.ClippingLaws#shapes")
    void normsAreBoundsInEveryShape(int examples, int steps, int gap, long seed) {
        OnHost.holds(
                Kernels::clipping,
                (machine, kernels, type) -> ClippingLaws.bounds(
                        machine, kernels, type, PRECISIONS, ClippedRows.random(examples, steps, seed), gap));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ClippingLaws#rows")
    void normsAreBoundsHoweverMuchCancels(ClippedRows rows) {
        OnHost.holds(
                Kernels::clipping,
                (machine, kernels, type) -> ClippingLaws.bounds(machine, kernels, type, PRECISIONS, rows, 0));
    }

    @ParameterizedTest(name = "{0} examples of {1} rows, gap {2}, seed {3}")
    @MethodSource("org.amend4j.internal.backend.ClippingLaws#shapes")
    void weightsAndScaledRowsAreTheirDefinitions(int examples, int steps, int gap, long seed) {
        OnHost.holds(
                Kernels::clipping,
                (machine, kernels, type) -> ClippingLaws.clip(machine, kernels, type, examples, steps, gap, seed));
    }

    @Test
    void aWeightNearTheSmallestNormalNumberIsNone() {
        OnHost.holds(Kernels::clipping, ClippingLaws::tinyWeights);
    }

    @Test
    void aNormThatIsNotANumberGivesNoWeight() {
        OnHost.holds(Kernels::clipping, ClippingLaws::notANumber);
    }
}
