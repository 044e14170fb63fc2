/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.util.Objects;
import org.amend4j.descent.Assurance;
import org.amend4j.privacy.DiscreteNoise;

/**
 * Noise that hides a distance.
 *
 * @param noise the distance, rounding included, and what is drawn
 * @param rounding how much of the distance is rounding
 * @param assurance the weakest of the constants that the distance rests on
 * @param relative expected norm of the noise, σ√d, over the most that the norm of the parameters can be
 */
public record ReleaseNoise(DiscreteNoise noise, double rounding, Assurance assurance, double relative) {

    /** @throws NullPointerException if something is missing */
    public ReleaseNoise {
        Objects.requireNonNull(noise, "noise");
        Objects.requireNonNull(assurance, "assurance");
    }
}
