/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.util.Objects;
import java.util.Optional;
import org.amend4j.sensitivity.Drift;

/**
 * A stored checkpoint as a candidate for rewinding.
 *
 * @param checkpoint its step
 * @param drift how far the model would be from the retrained one
 * @param noise what would hide that; empty if no noise is needed or none suffices
 * @param refusal why a certificate of it would be wrong or worthless; empty if it is admissible
 */
public record RewindCandidate(int checkpoint, Drift drift, Optional<ReleaseNoise> noise, Optional<String> refusal) {

    /** @throws NullPointerException if something is missing */
    public RewindCandidate {
        Objects.requireNonNull(drift, "drift");
        Objects.requireNonNull(noise, "noise");
        Objects.requireNonNull(refusal, "refusal");
    }
}
