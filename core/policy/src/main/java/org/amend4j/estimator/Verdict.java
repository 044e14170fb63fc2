/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import java.util.Collection;

/** Whether known convergence results still apply to a run. */
public enum Verdict {
    /** The expected step stays that of the theory, or a positive multiple of it. */
    THEORY_PRESERVING,
    /** It often works, but the theory says nothing of it. */
    PRACTICE;

    /** Of all options together: {@link #PRACTICE} if any is. */
    public static Verdict of(Collection<EffectOnGuarantee> options) {
        return options.stream().anyMatch(option -> option.verdict() == PRACTICE) ? PRACTICE : THEORY_PRESERVING;
    }
}
