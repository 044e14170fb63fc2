/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

/** Where a command can compute. */
enum Computing {
    /** On the CPU or on a device. */
    ANYWHERE(""),
    /** Policies. */
    SMALL_NETWORKS("policies are networks of a few thousand weights, for which the CPU has a kernel of its own"),
    /** Unlearning. */
    DOUBLE_PRECISION("certificates need double precision, and devices compute in single"),
    /** Deeplearning4j's forward pass. */
    PREDICTIONS("predictions are Deeplearning4j's own, which knows no devices"),
    /** Files are read, moved or described. */
    NOTHING("it has nothing to compute");

    private final String whyNotOnADevice;

    Computing(String whyNotOnADevice) {
        this.whyNotOnADevice = whyNotOnADevice;
    }

    /** Half a sentence; empty for {@link #ANYWHERE}. */
    String whyNotOnADevice() {
        return whyNotOnADevice;
    }
}
