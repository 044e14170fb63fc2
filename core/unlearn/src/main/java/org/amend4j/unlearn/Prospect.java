/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.util.Objects;
import java.util.Optional;
import org.amend4j.descent.Assurance;
import org.amend4j.performance.DescentBound;
import org.amend4j.performance.NoisyBound;

/**
 * Bounds on the loss of the retained records after a number of steps on them.
 *
 * @param steps K
 * @param start the loss where they start
 * @param descent without noise
 * @param released with the noise of a release, on average over it; empty if there is none, or nothing is known of it
 */
public record Prospect(int steps, double start, DescentBound descent, Optional<NoisyBound> released) {

    /** @throws NullPointerException if something is missing */
    public Prospect {
        Objects.requireNonNull(descent, "descent");
        Objects.requireNonNull(released, "released");
    }

    /** How it is known. */
    public Assurance assurance() {
        return descent.assurance();
    }
}
