/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import java.util.Arrays;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.Records;

/** The sum of the clipped gradients of some records. */
final class ClippedSum {

    /** What weights may be wrong by, relatively: a few roundings of the plan's numbers. */
    private static final double MARGIN = 1e-6;

    private static final double MARGIN_OF_DOUBLES = 1e-12;

    /** Below it shares are too close to the smallest normal number. */
    private static final double LEAST_BOUND = 0x1p-60;

    private static final double LEAST_BOUND_OF_DOUBLES = 0x1p-600;

    private final PlannedLoss loss;
    private final Records data;
    private final Clipping clipping;
    private final ClippedShares shares;

    /** @param order places of the records in the data */
    ClippedSum(PlannedLoss loss, Records data, int[] order, Clipping clipping) {
        this.loss = loss;
        this.data = data;
        this.clipping = clipping;
        int rows = loss.rowsOfShares();
        this.shares = clipping.unit() == Clipping.Unit.RECORD
                ? ClippedShares.ofRecords(order, rows > 0, loss.chunk())
                : ClippedShares.ofOwners(data.bySubject(order), data::subject, rows, loss.chunk());
    }

    /** The least bound that gradients can be clipped to. */
    static double leastBound(PlannedLoss loss) {
        return loss.isWide() ? LEAST_BOUND_OF_DOUBLES : LEAST_BOUND;
    }

    /** How far below the bound the bound is that weights are made for, relatively. */
    static double margin(PlannedLoss loss) {
        return loss.isWide() ? MARGIN_OF_DOUBLES : MARGIN;
    }

    /**
     * Overwrites the sum.
     *
     * @return the sum of the losses
     * @throws ArithmeticException if somebody's gradient is NaN or infinite, naming the record or subject
     */
    double at(double[] theta, double[] gradient) {
        double[] norms = new double[shares.count()];
        loss.start(theta);
        double sum = loss.clippedGradient(shares, clipping.bound() * (1 - margin(loss)), gradient, norms);
        for (int k = 0; k < norms.length; k++) {
            if (!Double.isFinite(norms[k])) {
                Arrays.fill(gradient, Double.NaN);
                throw new ArithmeticException(
                        "a gradient must be finite to be clipped, got norm " + norms[k] + " (" + owner(k) + ")");
            }
        }
        return sum;
    }

    private String owner(int share) {
        int record = shares.record(share);
        return clipping.unit() == Clipping.Unit.RECORD
                ? "record " + data.ids().get(record)
                : "subject " + data.subject(record);
    }
}
