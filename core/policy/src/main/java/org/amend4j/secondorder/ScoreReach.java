/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

/**
 * How far derivatives of log π(a|s) go in one step: along a direction, or along all.
 *
 * @param slope g, with |⟨v, ∇log π⟩| ≤ g; the greatest norm of ∇log π if it is of all directions
 * @param bendLow least vᵀ∇²log π v
 * @param bendHigh greatest vᵀ∇²log π v
 */
record ScoreReach(double slope, double bendLow, double bendHigh) {

    /** Differences of log-probabilities err by about that much; what is 0 is given as much room. */
    private static final double SLOPE_ROUNDING = 1e-11;

    private static final double BEND_ROUNDING = 1e-9;

    /** With room for rounding, so that no range is a point. */
    static ScoreReach of(double slope, double bendLow, double bendHigh) {
        double size = Math.max(1, Math.max(-bendLow, bendHigh));
        return new ScoreReach(
                slope + SLOPE_ROUNDING * Math.max(1, slope),
                Math.min(0, bendLow) - BEND_ROUNDING * size,
                Math.max(0, bendHigh) + BEND_ROUNDING * size);
    }

    /** Of rows that were seen. */
    static ScoreReach seen(RowSlopes... batches) {
        double slope = 0;
        double low = 0;
        double high = 0;
        for (RowSlopes rows : batches) {
            for (int i = 0; i < rows.first().length; i++) {
                slope = Math.max(slope, Math.abs(rows.first()[i]));
                low = Math.min(low, rows.second()[i]);
                high = Math.max(high, rows.second()[i]);
            }
        }
        return of(slope, low, high);
    }
}
