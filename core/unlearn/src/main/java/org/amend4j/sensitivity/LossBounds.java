/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.amend4j.internal.validation.Checks;

/**
 * Bounds on the records' gradients g_r, without weight decay, on the set in which the parameters are kept.
 *
 * @param gradientBound G: {@code ‖g_r(θ)‖ <= G}; finite
 * @param lipschitz L: {@code ‖g_r(θ) - g_r(θ')‖ <= L·‖θ - θ'‖}, with the assurance of L or of the curvature, whichever is
 *     weaker; may be {@link Constant#unknown} if the curvature is nonconvex
 * @param curvature the shape of the losses
 * @param diameter the largest distance of two points of the convex set onto which every step projects;
 *     {@link Constant#unknown} if steps do not project
 */
@RecordBuilder
public record LossBounds(Constant gradientBound, Constant lipschitz, LossCurvature curvature, Constant diameter)
        implements LossBoundsBuilder.With {

    /** @throws IllegalArgumentException if G is not finite, or L is not and the curvature needs it */
    public LossBounds {
        Checks.present("gradientBound", gradientBound);
        Checks.present("lipschitz", lipschitz);
        Checks.present("curvature", curvature);
        Checks.present("diameter", diameter);
        Checks.notNegative("G, the bound of the gradients,", gradientBound.value());
        if (curvature != LossCurvature.NONCONVEX && !lipschitz.isKnown()) {
            throw new IllegalArgumentException("L must be known for " + curvature + ", got infinity");
        }
    }

    /** Without a projection. */
    public static LossBounds of(Constant gradientBound, Constant lipschitz, LossCurvature curvature) {
        return new LossBounds(gradientBound, lipschitz, curvature, Constant.unknown());
    }

    /** With nothing known about smoothness. */
    public LossBounds withoutLipschitz() {
        return with().lipschitz(Constant.unknown())
                .curvature(LossCurvature.NONCONVEX)
                .build();
    }
}
