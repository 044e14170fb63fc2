/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

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
}
