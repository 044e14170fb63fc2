/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

/** How Deeplearning4j's arrays hold an example. */
enum Layout {
    /** [n, features]. */
    FEATURES,
    /** [n, channels, height, width], or channels last. */
    IMAGES,
    /** [n, features, time], or features last. */
    SEQUENCES,
    /** [n · time, features]: a row for every step. */
    STEPS,
    /** Anything else, which only Deeplearning4j's own layers read. */
    OTHER;

    /** Whether an example's pixels are the steps of a sequence. */
    boolean isOfSteps() {
        return this == SEQUENCES || this == STEPS;
    }
}
