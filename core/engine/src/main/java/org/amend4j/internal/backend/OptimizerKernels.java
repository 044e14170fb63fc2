/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.validation.Checks;

/** Steps of optimizers on a whole parameter vector, in place (optimizer.cu). */
public abstract class OptimizerKernels {

    /**
     * Settings of Adam.
     *
     * @param beta1 in [0, 1)
     * @param beta2 in [0, 1)
     * @param epsilon positive
     * @param besideCorrected whether ε is added to the root of the corrected v, as PyTorch and Algorithm 1 of the paper do, or to that of v as it
     *     is, as Deeplearning4j does, which makes it 1/√(1−β₂ᵗ) times as large
     */
    public record Adam(double beta1, double beta2, double epsilon, boolean besideCorrected) {

        /** PyTorch's: 0.9, 0.999, 1e-8. */
        public static final Adam PYTORCH = new Adam(0.9, 0.999, 1e-8, true);

        /** Deeplearning4j's, with the same numbers. */
        public static final Adam DEEPLEARNING4J = new Adam(0.9, 0.999, 1e-8, false);

        public Adam {
            Checks.inUnit("beta1", beta1);
            Checks.inUnit("beta2", beta2);
            if (beta1 == 1 || beta2 == 1) {
                throw new IllegalArgumentException("beta1 and beta2 must be < 1, got " + beta1 + " and " + beta2);
            }
            Checks.positive("epsilon", epsilon);
        }

        /**
         * How far a step goes, which corrects the running means, as they start at 0: rate·√(1−β₂ᵗ)/(1−β₁ᵗ); and what ε is multiplied with.
         *
         * @param step t, from 1 on
         * @return numbers of a {@link Pace}
         */
        public double[] pace(double rate, int step) {
            Checks.atLeast(1, "step", step);
            double root = Math.sqrt(1 - Math.pow(beta2, step));
            return new double[] {rate * root / (1 - Math.pow(beta1, step)), besideCorrected ? root : 1};
        }
    }

    /**
     * How far a step goes: share · rate.
     *
     * @param numbers the rate, and what Adam's ε is multiplied with; on the machine, so that a recorded step goes as far as these say when it is
     *     replayed
     * @param share in this step's part of the parameters
     */
    public record Pace(MachineArray numbers, double share) {

        /** How many {@link #numbers} there are. */
        public static final int NUMBERS = 2;

        public Pace {
            Shapes.requireReals("numbers", numbers, NUMBERS);
            Checks.finite("share", share);
        }
    }

    /** parameters −= pace · factor · gradient. */
    public final void sgdInPlace(MachineArray parameters, MachineArray gradient, double factor, Pace pace) {
        Shapes.requireReals("parameters", parameters, gradient.length());
        Shapes.requireReals("gradient", gradient, parameters.length());
        Checks.finite("factor", factor);
        if (parameters.length() == 0) {
            return;
        }
        computeSgdInPlace(parameters, gradient, factor, pace);
    }

    protected abstract void computeSgdInPlace(MachineArray parameters, MachineArray gradient, double factor, Pace pace);

    /**
     * With g = factor · gradient: m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², parameters −= share · rate · m/(√v + ε · what it is multiplied with).
     *
     * @param first m, 0 before the first step
     * @param second v, 0 before the first step
     * @param pace {@link Adam#pace} of the step's number
     */
    public final void adamInPlace(
            MachineArray parameters,
            MachineArray gradient,
            MachineArray first,
            MachineArray second,
            double factor,
            Pace pace,
            Adam adam) {
        long length = parameters.length();
        Shapes.requireReals("parameters", parameters, length);
        Shapes.requireReals("gradient", gradient, length);
        Shapes.requireReals("first", first, length);
        Shapes.requireReals("second", second, length);
        Checks.finite("factor", factor);
        if (length == 0) {
            return;
        }
        computeAdamInPlace(parameters, gradient, first, second, factor, pace, adam);
    }

    protected abstract void computeAdamInPlace(
            MachineArray parameters,
            MachineArray gradient,
            MachineArray first,
            MachineArray second,
            double factor,
            Pace pace,
            Adam adam);

    /**
     * What steps along an order of records read and leave on the machine, so that one recording is every step.
     *
     * @param counters the place in the order, the place among the paces, the row of losses, all for the next step, and where a walk ends, behind
     *     which the next step begins the order anew
     * @param order of records
     * @param chosen records of a step
     * @param paces of steps, the numbers of each one after the other
     * @param pace of a step
     * @param losses that a step leaves, as many as there are places for chosen records
     * @param kept losses of several steps, in rows of as many
     */
    public record Walk(
            MachineArray counters,
            MachineArray order,
            MachineArray chosen,
            MachineArray paces,
            MachineArray pace,
            MachineArray losses,
            MachineArray kept) {

        /** How many {@link #counters} there are. */
        public static final int COUNTERS = 4;

        public Walk {
            Shapes.requireInts("counters", counters, COUNTERS);
            Shapes.requireInts("order", order, order.length());
            Shapes.requireInts("chosen", chosen, losses.length());
            Shapes.requireReals("paces", paces, paces.length());
            Shapes.requireReals("pace", pace, Pace.NUMBERS);
            Shapes.requireReals("losses", losses, chosen.length());
            Shapes.requireReals("kept", kept, kept.length());
            if (losses.length() == 0 || kept.length() % losses.length() != 0) {
                throw new IllegalArgumentException("losses of " + losses.length()
                        + " records must fit several times into what is kept, got " + kept.length());
            }
        }

        /** For how many steps there are {@link #paces}. */
        public long steps() {
            return paces.length() / Pace.NUMBERS;
        }

        /** Rows of losses. */
        public int rows() {
            return Math.toIntExact(kept.length() / losses.length());
        }
    }

    /**
     * Begins a step: what the one before left in losses goes to its row, the row before this step's; the next records of the order and the next
     * pace are this step's; and counters go on, rows in a circle. Places behind the end of the order are −1, paces behind theirs NaN.
     *
     * @param count records of the step, in [1, places for them]
     */
    public final void begin(Walk walk, int count) {
        Checks.inRange(1, Math.toIntExact(walk.chosen().length()), "records of a step", count);
        computeBegin(walk, count);
    }

    protected abstract void computeBegin(Walk walk, int count);
}
