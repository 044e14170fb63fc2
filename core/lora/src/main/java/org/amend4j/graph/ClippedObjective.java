/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.graph.Clipping.Unit;
import org.amend4j.internal.lora.layer.LayerRows;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.ForwardingObjective;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * The mean of clipped gradients, {@code (1/N)·Σ min(1, C/‖g_u‖)·g_u + λθ}, where g_u is the gradient of record or subject u:
 * no share of the sum has a norm above C. Clipping is the projection onto a ball, so it is 1-Lipschitz and preserves
 * smoothness constants; but the clipped field need not be the gradient of any function. {@link #value} is the plain mean
 * loss.
 *
 * <p>If every trained layer's gradient is made of rows (dense, output, adapters), the norms come from one backward pass
 * without a gradient per example ({@link LayerRows}), and the clipped sum from the same pass's weighted rows
 * ("book-keeping": Bu et al., arXiv 2210.00038). Otherwise, and where a layer takes time steps for examples (a dense layer on
 * sequences), a plan on the host does the same ({@link ClippedSums}). What no plan takes has a backward pass for every record or
 * subject, which gives the same and is much slower.
 */
public final class ClippedObjective extends ForwardingObjective {

    /**
     * What sums of products may be wrong by, of the sum of the magnitudes. In double, a norm over 10⁹ numbers errs by less than
     * 1e-12 with ND4J's blocked sums; in float, by less than 1e-5.
     */
    private static final double DOUBLE_MARGIN = 1e-12;

    private static final double FLOAT_MARGIN = 1e-5;

    private final GraphObjective plain;
    private final Clipping clipping;
    private final int[] order;
    private final int[] ends;
    private final double margin;

    ClippedObjective(GraphObjective plain, Clipping clipping) {
        super(plain);
        this.plain = plain;
        this.clipping = clipping;
        this.order =
                clipping.unit() == Unit.RECORD ? plain.order() : plain.data().bySubject(plain.order());
        this.ends = ends(plain, order, clipping.unit());
        this.margin = plain.precision() == Precision.DOUBLE ? DOUBLE_MARGIN : FLOAT_MARGIN;
    }

    /** Where each unit ends in the order. */
    private static int[] ends(GraphObjective plain, int[] order, Unit unit) {
        return IntStream.rangeClosed(1, order.length)
                .filter(k -> unit == Unit.RECORD
                        || k == order.length
                        || plain.data().subject(order[k]) != plain.data().subject(order[k - 1]))
                .toArray();
    }

    @Override
    public ClippedObjective restrictedTo(RecordIds subset) {
        return new ClippedObjective(plain.restrictedTo(subset), clipping);
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

    private String variant() {
        return clipping.facts().text()
                + plain.clippedSum(clipping).map(sum -> '\n' + sum.origin()).orElse("");
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
        plain.loss().start(theta);
        Optional<ClippedSums.Sum> byPlan = plain.clippedSum(clipping);
        double sum = byPlan.isPresent() ? byPlan(byPlan.get(), theta, gradient) : byLayers();
        return plain.finish(sum, theta, gradient);
    }

    private double byPlan(ClippedSums.Sum clipped, double[] theta, double[] gradient) {
        double sum = clipped.at(theta, order, gradient);
        plain.loss().setGradient(gradient);
        return sum;
    }

    private double byLayers() {
        boolean ghost = plain.loss().isRowwise(plain.data().batch(order, 0, 1));
        double sum = 0;
        for (int unit = 0; unit < ends.length; ) {
            int next = ghost ? endOfChunk(unit) : unit + 1;
            sum += ghost ? addFromRows(unit, next) : addAlone(unit);
            unit = next;
        }
        return sum;
    }

    private int start(int unit) {
        return unit == 0 ? 0 : ends[unit - 1];
    }

    /** The unit behind the last that fits into a chunk; a single one may be larger. */
    private int endOfChunk(int unit) {
        int next = unit + 1;
        while (next < ends.length && ends[next] - start(unit) <= plain.chunk()) {
            next++;
        }
        return next;
    }

    private double addFromRows(int unit, int next) {
        int first = start(unit);
        int[] groupEnds = IntStream.range(unit, next).map(u -> ends[u] - first).toArray();
        double[] squares = new double[next - unit];
        List<ArithmeticException> failures = new ArrayList<>();
        double loss = plain.loss().addGradient(plain.data().batch(order, first, ends[next - 1]), rows -> {
            rows.forEach(layer -> layer.addSquaredNorms(groupEnds, margin, squares));
            try {
                double[] weights = weights(unit, groupEnds, squares);
                rows.forEach(layer -> layer.writeGradients(weights));
            } catch (ArithmeticException notFinite) {
                failures.add(notFinite);
            }
        });
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
        return loss;
    }

    /** The weight of each example. */
    private double[] weights(int unit, int[] groupEnds, double[] squares) {
        double[] weights = new double[groupEnds[groupEnds.length - 1]];
        int from = 0;
        for (int g = 0; g < groupEnds.length; g++) {
            Arrays.fill(weights, from, groupEnds[g], weight(unit + g, Math.sqrt(squares[g])));
            from = groupEnds[g];
        }
        return weights;
    }

    private double addAlone(int unit) {
        MultiDataSet records = plain.data().batch(order, start(unit), ends[unit]);
        double loss = plain.loss().computeGradient(records);
        plain.loss().addWeighted(weight(unit, plain.loss().chunkNorm()));
        return loss;
    }

    private double weight(int unit, double norm) {
        if (!Double.isFinite(norm)) {
            int record = order[start(unit)];
            throw new ArithmeticException("a gradient must be finite to be clipped, got norm " + norm
                    + (clipping.unit() == Unit.RECORD
                            ? " (record " + plain.data().ids().get(record) + ")"
                            : " (subject " + plain.data().subject(record) + ")"));
        }
        return clipping.weight(norm, margin);
    }
}
