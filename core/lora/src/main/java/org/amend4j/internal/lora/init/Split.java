/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import org.amend4j.internal.lora.init.Decompositions.Svd;

/** Singular triples {@code from} to {@code from + r - 1} as factors that share the values by their square roots. */
final class Split {

    private Split() {}

    /** {@code U·(Σ/s)^½}, [rows, r]. */
    public static Dense left(Svd svd, int from, StartSite site) {
        return half(svd.u(), svd.values(), from, site);
    }

    /** {@code (Σ/s)^½·Vᵀ}, [r, columns]. */
    public static Dense right(Svd svd, int from, StartSite site) {
        return half(svd.v(), svd.values(), from, site).transposed();
    }

    private static Dense half(Dense vectors, double[] values, int from, StartSite site) {
        return vectors.columns(from, from + site.rank()).scaled(k -> Math.sqrt(values[from + k] / site.scaling()));
    }
}
