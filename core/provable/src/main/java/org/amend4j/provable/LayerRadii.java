/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import org.amend4j.internal.validation.Checks;

/**
 * Bounds on the parameters of a layer; chosen without looking at the records.
 *
 * @param weights of the Frobenius ball of W, > 0
 * @param bias of the ball of b, > 0
 */
public record LayerRadii(double weights, double bias) {

    /** @throws IllegalArgumentException if a radius is out of its range */
    public LayerRadii {
        Checks.positive("the radius of a layer's weights", weights);
        Checks.positive("the radius of a layer's bias", bias);
    }
}
