/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import org.amend4j.graph.ClippedObjective;
import org.amend4j.graph.Clipping;
import org.amend4j.internal.backend.ClippingKernels;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.ForwardingObjective;
import org.amend4j.objective.RecordIds;

/**
 * The field {@link ClippedObjective} is, computed on a machine: {@code (1/N)·Σ min(1, C/‖g_u‖)·g_u + λθ} over records or subjects u.
 * Shares of few records are computed together: their norms come from one backward pass, without a gradient for each. Shares of
 * more are summed up one by one, as are all of them where Deeplearning4j computes something that trains. {@link #value} is the plain
 * mean loss.
 *
 * <p>No share is above C, with or without cancellation, in every precision: weights are computed from upper bounds of norms
 * ({@link ClippingKernels}), which include the machine's rounding when it sums a share. Where rows cancel, bounds are above
 * norms and shares below C by as much. (Features above 2⁶⁰ aside, in doubles 2³⁰⁰: what a weight leaves of derivatives then gets lost below the
 * smallest normal number.) A share is the contribution of the record or subject; the rounding when shares are added to
 * each other is not part of any share.
 */
public final class PlannedClippedObjective extends ForwardingObjective {

    private final PlannedObjective plain;
    private final Clipping clipping;
    private final ClippedSum sum;

    PlannedClippedObjective(PlannedObjective plain, Clipping clipping) {
        super(plain);
        double least = ClippedSum.leastBound(plain.loss());
        if (clipping.bound() < least) {
            throw new IllegalArgumentException("the clipping bound must be >= " + least + " for networks in "
                    + (plain.loss().isWide() ? "DOUBLE" : "FLOAT") + ", got " + clipping.bound());
        }
        this.plain = plain;
        this.clipping = clipping;
        this.sum = new ClippedSum(plain.loss(), plain.data(), plain.order(), clipping);
    }

    @Override
    public PlannedClippedObjective restrictedTo(RecordIds subset) {
        return new PlannedClippedObjective(plain.restrictedTo(subset), clipping);
    }

    /** Whose gradients are clipped, and to which norm. */
    public Clipping clipping() {
        return clipping;
    }

    @Override
    public boolean hasTrueGradient() {
        return false;
    }

    @Override
    public String fingerprint() {
        return plain.fingerprint(variant());
    }

    @Override
    public String settingsFingerprint() {
        return plain.settingsFingerprint(variant());
    }

    /** A run that began with another margin began on another function. */
    private String variant() {
        return clipping.facts().text() + "\nmargin " + ClippedSum.margin(plain.loss());
    }

    /**
     * The plain mean loss and the mean of the clipped gradients.
     *
     * @throws ArithmeticException if somebody's gradient is NaN or infinite, naming the record or subject: it cannot be
     *     clipped
     */
    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        Vectors.requireLength("the gradient", gradient, dimension());
        return plain.finish(sum.at(theta, gradient), theta, gradient);
    }
}
