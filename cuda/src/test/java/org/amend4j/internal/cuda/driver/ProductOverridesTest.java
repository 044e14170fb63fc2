/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Variables with which cuBLAS does not compute what it is asked to. */
class ProductOverridesTest {

    @ParameterizedTest
    @CsvSource({
        "NVIDIA_TF32_OVERRIDE, 0",
        "NVIDIA_TF32_OVERRIDE, 1",
        "CUBLAS_EMULATE_SINGLE_PRECISION, 1",
        "CUBLAS_EMULATION_STRATEGY, eager",
        "CUBLAS_EMULATION_SPECIAL_VALUES_SUPPORT_MASK, 3"
    })
    void anotherPrecisionThanAskedForIsRefusedByTheNameOfTheVariable(String name, String value) {
        assertEquals(
                Optional.of("the environment has " + name + "=" + value
                        + ", with which cuBLAS computes in another precision than it is asked to; start without it (env -u "
                        + name + " ...) and choose a precision with --precision"),
                ProductOverrides.refusal(Map.of("PATH", "/bin", name, value)));
    }

    @ParameterizedTest
    @CsvSource({
        "NVIDIA_TF32_OVERRIDE, ' '",
        "CUBLAS_EMULATE_SINGLE_PRECISION, 0",
        "CUBLAS_EMULATE_DOUBLE_PRECISION, 1",
        "CUBLAS_WORKSPACE_CONFIG, :4096:8"
    })
    void whatChangesNoProductOfFloatsIsNot(String name, String value) {
        assertEquals(Optional.empty(), ProductOverrides.refusal(Map.of(name, value)));
    }

    @Test
    void anEmptyEnvironmentIsNot() {
        assertEquals(Optional.empty(), ProductOverrides.refusal(Map.of()));
    }
}
