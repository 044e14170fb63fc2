/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

/**
 * What a step costs.
 *
 * @param flops operations an example, or a token ({@link PlanStep#per}), a multiplication and an addition being two
 * @param numbers read and written an example, or a token
 * @param fixedNumbers read and written whatever the number of examples
 */
record Work(double flops, double numbers, double fixedNumbers) {

    static final Work NONE = new Work(0, 0, 0);

    /** Of a kernel that goes once through some numbers per example. */
    static Work through(double numbers) {
        return new Work(0, numbers, 0);
    }

    /** Of a product [rows, k] x [k, columns] with a factor that is the same for all examples. */
    static Work product(double rows, double columns, double k) {
        return new Work(2 * rows * columns * k, rows * (columns + k), k * columns);
    }
}
