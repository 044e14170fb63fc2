/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.driver;

import java.util.Optional;

/** The three ways to compute. */
public enum ComputePath {
    /** ND4J's native backend on the CPU. */
    CPU("ND4J on the CPU"),
    /** ND4J's own CUDA backend, up to compute capability 8.9. */
    ND4J_CUDA("ND4J's CUDA backend"),
    /** Our plans on the card, ND4J on the CPU. */
    DEVICE_RESIDENT("device-resident objectives");

    private final String words;

    ComputePath(String words) {
        this.words = words;
    }

    /** For reports. */
    public String words() {
        return words;
    }

    /**
     * Which way applies.
     *
     * @param card the capability of the card, if there is one
     * @param nd4jCuda whether ND4J's CUDA backend is on the class path
     * @param librariesWork whether the CUDA 13 libraries load
     */
    static ComputePath of(Optional<Capability> card, boolean nd4jCuda, boolean librariesWork) {
        if (card.isEmpty()) {
            return CPU;
        }
        if (nd4jCuda && card.get().compareTo(Capability.MOST_OF_ND4J) <= 0) {
            return ND4J_CUDA;
        }
        return librariesWork && card.get().compareTo(Capability.LEAST) >= 0 ? DEVICE_RESIDENT : CPU;
    }
}
