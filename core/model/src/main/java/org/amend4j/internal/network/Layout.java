/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

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
    /** [n, 1 to 3, time]: words, masks and types of tokens. */
    TOKENS,
    /** [tokens, features]: a row for every token that counts. */
    TOKEN_ROWS,
    /** [n · time, features]: those rows, and rows of zeros for tokens that do not count. */
    POSITIONS,
    /** Anything else, which only Deeplearning4j's own layers read. */
    OTHER;

    /** Whether an example's pixels are the steps of a sequence. */
    boolean isOfSteps() {
        return this == SEQUENCES || this == STEPS;
    }

    /** Whether nodes have a row for every token that counts. */
    boolean isOfTokens() {
        return this == TOKENS || this == TOKEN_ROWS || this == POSITIONS;
    }
}
