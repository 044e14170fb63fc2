/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Variables of the environment with which cuBLAS computes in another precision than it is asked to. They are refused: the bounds of
 * clipped gradients, and the fingerprint on which a stopped run is resumed, hold for the precision that was asked for.
 */
final class ProductOverrides {

    /** 0 forbids TF32 where it is asked for, 1 takes it where it is not; the libraries obey any value. */
    private static final String TF32 = "NVIDIA_TF32_OVERRIDE";

    /** Products of floats by those of bfloat16 numbers, from CUDA 12.9 on; 0 is off. What only concerns doubles does not concern us. */
    private static final List<String> EMULATION = List.of(
            "CUBLAS_EMULATE_SINGLE_PRECISION",
            "CUBLAS_EMULATION_STRATEGY",
            "CUBLAS_EMULATION_SPECIAL_VALUES_SUPPORT_MASK");

    private ProductOverrides() {}

    /** What is in the way, without a full stop; empty if nothing is. */
    static Optional<String> refusal(Map<String, String> environment) {
        if (!value(environment, TF32).isEmpty()) {
            return Optional.of(sentence(TF32, environment));
        }
        return EMULATION.stream()
                .filter(name -> !value(environment, name).isEmpty()
                        && !value(environment, name).equals("0"))
                .findFirst()
                .map(name -> sentence(name, environment));
    }

    private static String value(Map<String, String> environment, String name) {
        return environment.getOrDefault(name, "").strip();
    }

    private static String sentence(String name, Map<String, String> environment) {
        return "the environment has " + name + "=" + value(environment, name)
                + ", with which cuBLAS computes in another precision than it is asked to; start without it (env -u "
                + name
                + " ...) and choose a precision with --precision";
    }
}
