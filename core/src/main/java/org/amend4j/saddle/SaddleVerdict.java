package org.amend4j.saddle;

/** What the numbers say about second-order stationarity. */
public enum SaddleVerdict {
    /** A direction whose curvature is above the tolerance, also at the lower end of its interval. */
    SADDLE,
    /** The gradient is small, and so is all curvature that was seen: evidence, no proof, as other directions were not seen. */
    SOSP_CONSISTENT,
    /** Neither is certain. */
    INCONCLUSIVE;

    /**
     * Decides.
     *
     * @param gradient whether ‖∇J‖ ≤ ε
     * @param lowest lower end of the interval of vᵀ∇²Jv
     * @param highest the upper estimate of λ_max(∇²J)
     * @param tolerance √(χε)
     */
    static SaddleVerdict of(GradientTest gradient, double lowest, double highest, double tolerance) {
        if (lowest > tolerance) {
            return SADDLE;
        }
        return gradient == GradientTest.SMALL && highest < tolerance ? SOSP_CONSISTENT : INCONCLUSIVE;
    }
}
