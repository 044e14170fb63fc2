/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CapabilityTest {

    /** What NVRTC 11.6 compiles for. */
    private static final int[] CUDA_11_6 = {35, 37, 50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87};
    /** What NVRTC 13.1 compiles for. */
    private static final int[] CUDA_13_1 = {75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121};

    @Test
    void a_card_gets_its_own_code_or_that_of_an_older_one_of_its_generation() {
        assertEquals(OptionalInt.of(75), new Capability(7, 5).target(CUDA_11_6));
        assertEquals(OptionalInt.of(86), new Capability(8, 6).target(CUDA_11_6));
        assertEquals(OptionalInt.of(86), new Capability(8, 9).target(CUDA_11_6), "not that of Tegra 8.7");
        assertEquals(OptionalInt.of(87), new Capability(8, 7).target(CUDA_11_6), "Tegra's own");
        assertEquals(OptionalInt.of(89), new Capability(8, 9).target(CUDA_13_1));
        assertEquals(OptionalInt.of(90), new Capability(9, 0).target(CUDA_13_1));
        assertEquals(OptionalInt.of(120), new Capability(12, 0).target(CUDA_13_1));
    }

    @Test
    void no_card_gets_code_of_a_newer_one_or_of_another_generation() {
        assertEquals(OptionalInt.empty(), new Capability(9, 0).target(CUDA_11_6));
        assertEquals(OptionalInt.empty(), new Capability(7, 0).target(CUDA_13_1));
        assertEquals(OptionalInt.empty(), new Capability(8, 0).target(86, 90));
    }
}
