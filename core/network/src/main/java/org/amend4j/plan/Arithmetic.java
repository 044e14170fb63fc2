/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import org.amend4j.internal.validation.Checks;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.ProductPrecision;

/**
 * What a plan is computed with.
 *
 * @param type of parameters, activations and gradients: FLOAT or DOUBLE
 * @param products what factors of matrix products are rounded to; FP32 is not at all, in DOUBLE too
 */
public record Arithmetic(ElementType type, ProductPrecision products) {

    /** Single precision. */
    public static final Arithmetic SINGLE = new Arithmetic(ElementType.FLOAT, ProductPrecision.FP32);

    /** Double precision: machines that have it compute every sum and product in it. */
    public static final Arithmetic DOUBLE = new Arithmetic(ElementType.DOUBLE, ProductPrecision.FP32);

    public Arithmetic {
        Checks.present("products", products);
        if (!type.isReal()) {
            throw new IllegalArgumentException("a plan is computed in FLOAT or DOUBLE, got " + type);
        }
        if (type == ElementType.DOUBLE && products != ProductPrecision.FP32) {
            throw new IllegalArgumentException("a plan in DOUBLE rounds no factors, got " + products);
        }
    }

    /** Single precision with products of rounded factors. */
    public static Arithmetic single(ProductPrecision products) {
        return new Arithmetic(ElementType.FLOAT, products);
    }
}
