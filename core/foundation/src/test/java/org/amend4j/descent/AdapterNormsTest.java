/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amend4j.objective.AdapterBlock;
import org.junit.jupiter.api.Test;

/** Norms that guarantees rest on are not below the true ones. */
class AdapterNormsTest {

    @Test
    void theSpectralNormOfFactorsIsThatOfTheirSingularValues() {
        // A = columns (3, 0, 4)·2 and (0, 1, 0): singular values 10 and 1; B = 2×2 diag(5, 7) with columns exchanged
        double[] theta = {99, 6, 0, 8, 0, 1, 0, 0, 7, 5, 0};
        AdapterBlock block = new AdapterBlock("l", 1, 3, 2, 7, 2, 1);
        double exact = Math.sqrt(100 + 49);
        double norm = AdapterNorms.spectral(theta, block);
        assertTrue(norm >= exact);
        assertEquals(exact, norm, 1e-13 * exact);
        assertEquals(100 + 1 + 49 + 25, AdapterNorms.frobeniusSquares(theta, block));
    }
}
