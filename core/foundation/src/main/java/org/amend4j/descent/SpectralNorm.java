/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import org.amend4j.objective.AdapterBlock;

/** Spectral norms of adapters' factors, never underestimated. */
public final class SpectralNorm {

    private SpectralNorm() {}

    /**
     * An upper bound of ‖A‖₂, tight but for rounding.
     *
     * @param theta the vector that holds the adapter
     * @return infinite or NaN if A is
     */
    public static double ofA(double[] theta, AdapterBlock block) {
        return AdapterNorms.spectralOfA(theta, block);
    }
}
