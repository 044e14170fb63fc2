/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;

/**
 * What a step divides the sum of its records' gradients by. The three methods are the columns of the table in
 * docs/unlearning.md, "One step": for a step that was made on k retained and c deleted records, and is compared with the
 * step on the k retained ones. Results are rounded up.
 */
public sealed interface Normaliser {

    /**
     * d: how far apart, per unit of step size, the deleted records alone can bring the two steps.
     *
     * @param gradientBound G
     * @param retained k, >= 0
     * @param deleted c, >= 0
     */
    double disturbance(double gradientBound, int retained, int deleted);

    /** How far apart, per unit of step size, all gradients together can bring them, without any smoothness. */
    double cap(double gradientBound, int retained, int deleted);

    /** L_t: a Lipschitz constant of what the retained records contribute to the step direction, for records' constant L. */
    double lipschitz(double lipschitz, int retained);

    /**
     * A constant that does not depend on the data: removing a record changes nothing but its own term. The constant must
     * be chosen without looking at the data.
     *
     * @param divisor B, > 0 and finite
     */
    record Fixed(double divisor) implements Normaliser {

        /** @throws IllegalArgumentException if the divisor is out of its range */
        public Fixed {
            Checks.positive("the normaliser", divisor);
        }

        @Override
        public double disturbance(double gradientBound, int retained, int deleted) {
            return Upward.divide(Upward.multiply(gradientBound, deleted), divisor);
        }

        @Override
        public double cap(double gradientBound, int retained, int deleted) {
            return Upward.divide(Upward.multiply(gradientBound, 2.0 * retained + deleted), divisor);
        }

        @Override
        public double lipschitz(double lipschitz, int retained) {
            return scaled(lipschitz, retained, divisor);
        }
    }

    /** The number of records in the step, so that a removal also changes the weight of all the others. */
    record Mean() implements Normaliser {

        @Override
        public double disturbance(double gradientBound, int retained, int deleted) {
            requireSome(retained);
            return Upward.divide(Upward.multiply(gradientBound, 2.0 * deleted), (double) retained + deleted);
        }

        @Override
        public double cap(double gradientBound, int retained, int deleted) {
            requireSome(retained);
            return 2 * gradientBound;
        }

        @Override
        public double lipschitz(double lipschitz, int retained) {
            requireSome(retained);
            return lipschitz;
        }

        private static void requireSome(int retained) {
            if (retained == 0) {
                throw new IllegalArgumentException(
                        "a step that divides by its number of records must retain one, got 0");
            }
        }
    }

    /**
     * A constant, and the deleted records are replaced by as many others instead of being removed.
     *
     * @param divisor B, > 0 and finite
     */
    record FixedReplacing(double divisor) implements Normaliser {

        /** @throws IllegalArgumentException if the divisor is out of its range */
        public FixedReplacing {
            Checks.positive("the normaliser", divisor);
        }

        @Override
        public double disturbance(double gradientBound, int retained, int deleted) {
            return Upward.divide(Upward.multiply(gradientBound, 2.0 * deleted), divisor);
        }

        @Override
        public double cap(double gradientBound, int retained, int deleted) {
            return Upward.divide(Upward.multiply(gradientBound, 2.0 * retained + 2.0 * deleted), divisor);
        }

        @Override
        public double lipschitz(double lipschitz, int retained) {
            return scaled(lipschitz, retained, divisor);
        }
    }

    private static double scaled(double lipschitz, int retained, double divisor) {
        // no records have no curvature, however little is known about one
        return retained == 0 ? 0 : Upward.divide(Upward.multiply(lipschitz, retained), divisor);
    }
}
