/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.machine;

import org.amend4j.internal.validation.Checks;

/** Steps of optimizers on a whole parameter vector, in place, by Deeplearning4j's formulas (optimizer.cu). */
public abstract class OptimizerKernels {

    /**
     * Settings of Adam.
     *
     * @param beta1 in [0, 1)
     * @param beta2 in [0, 1)
     * @param epsilon positive
     */
    public record Adam(double beta1, double beta2, double epsilon) {

        /** Deeplearning4j's: 0.9, 0.999, 1e-8. */
        public static final Adam DEFAULT = new Adam(0.9, 0.999, 1e-8);

        public Adam {
            Checks.inUnit("beta1", beta1);
            Checks.inUnit("beta2", beta2);
            if (beta1 == 1 || beta2 == 1) {
                throw new IllegalArgumentException("beta1 and beta2 must be < 1, got " + beta1 + " and " + beta2);
            }
            Checks.positive("epsilon", epsilon);
        }
    }

    /**
     * How far a step goes: share · rate.
     *
     * @param rate one number on the machine, so that a recorded step goes as far as this says when it is replayed
     * @param share in this step's part of the parameters
     */
    public record Pace(MachineArray rate, double share) {
        public Pace {
            Shapes.requireReals("rate", rate, 1);
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
     * With g = factor · gradient: m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², parameters −= pace · m/(√v + ε).
     *
     * @param first m, 0 before the first step
     * @param second v, 0 before the first step
     * @param pace {@link #corrected} in the step's number
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
     * The rate times Adam's correction of its running means, which start at 0: rate·√(1−β₂ᵗ)/(1−β₁ᵗ).
     *
     * @param step t, from 1 on
     */
    public static double corrected(double rate, Adam adam, int step) {
        Checks.atLeast(1, "step", step);
        return rate * Math.sqrt(1 - Math.pow(adam.beta2(), step)) / (1 - Math.pow(adam.beta1(), step));
    }

    /**
     * What steps along an order of records read and leave on the machine, so that one recording is every step.
     *
     * @param counters the place in the order, the place among the rates, the row of losses, all for the next step, and where a walk ends, behind
     *     which the next step begins the order anew
     * @param order of records
     * @param chosen records of a step
     * @param rates of steps
     * @param rate of a step, one number
     * @param losses that a step leaves, as many as there are places for chosen records
     * @param kept losses of several steps, in rows of as many
     */
    public record Walk(
            MachineArray counters,
            MachineArray order,
            MachineArray chosen,
            MachineArray rates,
            MachineArray rate,
            MachineArray losses,
            MachineArray kept) {

        /** How many {@link #counters} there are. */
        public static final int COUNTERS = 4;

        public Walk {
            Shapes.requireInts("counters", counters, COUNTERS);
            Shapes.requireInts("order", order, order.length());
            Shapes.requireInts("chosen", chosen, losses.length());
            Shapes.requireReals("rates", rates, rates.length());
            Shapes.requireReals("rate", rate, 1);
            Shapes.requireReals("losses", losses, chosen.length());
            Shapes.requireReals("kept", kept, kept.length());
            if (losses.length() == 0 || kept.length() % losses.length() != 0) {
                throw new IllegalArgumentException("losses of " + losses.length()
                        + " records must fit several times into what is kept, got " + kept.length());
            }
        }

        /** Rows of losses. */
        public int rows() {
            return Math.toIntExact(kept.length() / losses.length());
        }
    }

    /**
     * Begins a step: what the one before left in losses goes to its row, the row before this step's; the next records of the order and the next
     * rate are this step's; and counters go on, rows in a circle. Places behind the end of the order are −1, rates behind theirs NaN.
     *
     * @param count records of the step, in [1, places for them]
     */
    public final void begin(Walk walk, int count) {
        Checks.inRange(1, Math.toIntExact(walk.chosen().length()), "records of a step", count);
        computeBegin(walk, count);
    }

    protected abstract void computeBegin(Walk walk, int count);
}
