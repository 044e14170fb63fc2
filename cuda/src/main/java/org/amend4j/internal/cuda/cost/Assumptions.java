/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

import java.util.Locale;
import org.amend4j.internal.validation.Checks;

/**
 * What a prediction takes for granted. None of it was measured.
 *
 * @param largeProducts share of the card's peak that large products reach, in (0, 1]
 * @param skinnyProducts share of its memory bandwidth that skinny products reach, in (0, 1]
 * @param kernels share of its memory bandwidth that kernels, copies and fills reach, in (0, 1]
 * @param arithmetic share of its FP32 peak that kernels with much arithmetic reach, in (0, 1]
 * @param launchMicroseconds that every launch takes besides
 */
public record Assumptions(
        double largeProducts, double skinnyProducts, double kernels, double arithmetic, double launchMicroseconds) {

    /** Shares that are usual for cuBLAS and for plain kernels, and launches from a recording. */
    public static final Assumptions USUAL = new Assumptions(0.78, 0.5, 0.75, 0.6, 2);

    public Assumptions {
        requireShare("share of large products", largeProducts);
        requireShare("share of skinny products", skinnyProducts);
        requireShare("share of kernels", kernels);
        requireShare("share of arithmetic", arithmetic);
        Checks.finite("microseconds of a launch", launchMicroseconds);
        if (launchMicroseconds < 0) {
            throw new IllegalArgumentException("microseconds of a launch must be >= 0, got " + launchMicroseconds);
        }
    }

    private static void requireShare(String what, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException(what + " must be in (0, 1], got " + share);
        }
    }

    /** In a sentence. */
    public String described() {
        return String.format(
                Locale.ROOT,
                "Assumed: large products reach %.0f %% of the data sheet's peak; of its memory bandwidth skinny products reach"
                        + " %.0f %%, kernels and copies %.0f %%; of its FP32 peak kernels %.0f %%; a launch takes %.1f us besides; nothing stays in a cache"
                        + " between launches.",
                100 * largeProducts,
                100 * skinnyProducts,
                100 * kernels,
                100 * arithmetic,
                launchMicroseconds);
    }
}
