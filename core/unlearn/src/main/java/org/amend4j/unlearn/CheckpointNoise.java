/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.util.Objects;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;
import org.amend4j.privacy.GaussianGrid;
import org.amend4j.privacy.SecureGaussian;

/**
 * Noise added to the parameters after some step of training. The exact parameters are destroyed, and what follows is
 * post-processing: only the steps before the noise can distinguish a model after a deletion from the retrained one, and all
 * releases made after a deletion share one draw. The price is that the step and σ are fixed at training time, and the parameters
 * must not leave the grid's bound.
 *
 * @param step after how many steps, >= 1
 * @param grid σ, and the grid it is exact on
 */
public record CheckpointNoise(int step, GaussianGrid grid) implements Identified {

    /** @throws IllegalArgumentException if the step is out of its range */
    public CheckpointNoise {
        Checks.atLeast(1, "the step of the noise", step);
        Objects.requireNonNull(grid, "grid");
    }

    @Override
    public Facts facts() {
        return Facts.of("CheckpointNoise").with("step", step).with("grid", grid);
    }

    /** A noisy copy, drawn from a secure source. */
    double[] addTo(double[] theta) {
        return new SecureGaussian().release(theta, grid);
    }
}
