/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.backend;

import org.amend4j.internal.validation.Checks;

/**
 * What a plan is computed with. Sums are of the plan's type whatever factors are rounded to.
 *
 * @param type of parameters, activations and gradients: FLOAT or DOUBLE
 * @param products what factors of matrix products are rounded to; FP32 is not at all, in DOUBLE too
 * @param frozenProducts the same of rows with matrices that do not train
 * @param storage what those are kept in
 * @param rows what rows between joint products, and the weights of these, are kept in: the type, or BFLOAT16
 */
public record Arithmetic(
        ElementType type,
        ProductPrecision products,
        ProductPrecision frozenProducts,
        WeightStorage storage,
        ElementType rows) {

    /** Single precision. */
    public static final Arithmetic SINGLE = single(ProductPrecision.FP32);

    /** Double precision: machines that have it compute every sum and product in it. */
    public static final Arithmetic DOUBLE =
            new Arithmetic(ElementType.DOUBLE, ProductPrecision.FP32, ProductPrecision.FP32, WeightStorage.FP32);

    /** All numbers but frozen weights of one type. */
    public Arithmetic(
            ElementType type, ProductPrecision products, ProductPrecision frozenProducts, WeightStorage storage) {
        this(type, products, frozenProducts, storage, type);
    }

    public Arithmetic {
        Checks.present("products", products);
        Checks.present("frozenProducts", frozenProducts);
        Checks.present("storage", storage);
        if (!type.isReal()) {
            throw new IllegalArgumentException("a plan is computed in FLOAT or DOUBLE, got " + type);
        }
        ProductPrecision coarsest = products == ProductPrecision.FP32 ? frozenProducts : products;
        if (type == ElementType.DOUBLE && coarsest != ProductPrecision.FP32) {
            throw new IllegalArgumentException("a plan in DOUBLE rounds no factors, got " + coarsest);
        }
        if (type == ElementType.DOUBLE && storage != WeightStorage.FP32) {
            throw new IllegalArgumentException("a plan in DOUBLE keeps frozen weights as they are, got " + storage);
        }
        if (rows != type && (rows != ElementType.BFLOAT16 || products != ProductPrecision.BF16)) {
            throw new IllegalArgumentException("rows are kept in " + type
                    + (products == ProductPrecision.BF16 ? " or BFLOAT16" : " with products in " + products) + ", got "
                    + rows);
        }
    }

    /** This, with frozen weights that are kept in fewer bits where rows are multiplied with them. */
    public Arithmetic keeping(WeightStorage newStorage) {
        return new Arithmetic(type, products, frozenProducts, newStorage, rows);
    }

    /** Whether rows between joint products are bfloat16 numbers. */
    public boolean hasNarrowRows() {
        return rows != type;
    }

    /** Single precision with products of rounded factors. */
    public static Arithmetic single(ProductPrecision products) {
        return new Arithmetic(ElementType.FLOAT, products, products, WeightStorage.FP32);
    }

    /** Single precision whose products with frozen matrices have rounded factors, and no others. */
    public static Arithmetic frozenIn(ProductPrecision products) {
        return new Arithmetic(ElementType.FLOAT, ProductPrecision.FP32, products, WeightStorage.FP32);
    }

    /** Single precision with rounded factors in as many products as the backend rounds them in: all, or those with frozen matrices. */
    public static Arithmetic on(Backend backend, ProductPrecision products) {
        return backend.precisions().contains(products) ? single(products) : frozenIn(products);
    }

    /** Whether products with frozen matrices are rounded more than others. */
    public boolean roundsFrozenOnly() {
        return products != frozenProducts;
    }
}
