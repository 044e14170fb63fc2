/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.numeric.Exponentials;

/**
 * Sums over records by halves: {@code Σ_{[a, b)} = Σ_{[a, m)} + Σ_{[m, b)}} with m = a + ⌊(b - a)/2⌋, down to single
 * records, so that a sum of n has gone through ⌈log₂ n⌉ additions at most (Higham, Accuracy and Stability, section 4.2);
 * only a bias's residuals are added in pairs within a leaf, in no more additions. The same records in the same order give the same bytes,
 * however many threads there are. Not thread-safe.
 */
final class HeadSum {

    /** How many records' residuals are computed at a time: loops without calls, in memory that stays in the cache. */
    private static final int BLOCK = 128;

    /** Doubles of a cache line. */
    private static final int LINE = 8;

    /** Products below which a part is not worth a thread. */
    private static final long WORTH_A_PART = 1 << 16;

    /** A thread that is late leaves the rest of its share to others. */
    private static final int PARTS_A_THREAD = 16;

    private final HeadRows rows;
    private final int[] order;
    private final double[] theta;
    private final boolean withLosses;
    private final double[] residuals;
    private final double[] labels;
    private final double[] losses;
    private final double[] scratch;
    private final Exponentials exponentials = new Exponentials(BLOCK);

    /** Sums of gradients: the one that is wanted, and those of right halves that are yet to be added. */
    private final List<double[]> levels = new ArrayList<>();

    /** The place in {@code order} of the first residual and loss. */
    private int start;

    /**
     * For sums of any of some rows.
     *
     * @param order the rows to be added up
     * @param withLosses whether losses are wanted
     */
    HeadSum(HeadRows rows, int[] order, double[] theta, boolean withLosses) {
        this.rows = rows;
        this.order = order;
        this.theta = theta;
        this.withLosses = withLosses;
        this.residuals = new double[(BLOCK + 3) * rows.outputs()];
        this.labels = new double[BLOCK * rows.outputs()];
        this.losses = new double[BLOCK];
        this.scratch = new double[rows.inputs()];
    }

    /**
     * The sum of the losses, or anything if they are not wanted, and of the gradients, with which {@code gradient} is
     * overwritten. Halves that are worth it are left to other threads; the order of additions is the same.
     */
    static double lossAndGradient(HeadRows rows, int[] order, double[] theta, double[] gradient, boolean withLosses) {
        ThreadTeam team = ThreadTeam.ofThisProcess();
        int parts = parts(team.size(), order.length, rows.dimension());
        int[] bounds = new int[parts + 1];
        bounds[parts] = order.length;
        halve(bounds, 0, parts);
        double[] sums = new double[parts];
        double[][] gradients = new double[parts][];
        gradients[0] = gradient;
        for (int part = 1; part < parts; part++) {
            gradients[part] = new double[gradient.length];
        }
        HeadSum[] ofThread = new HeadSum[team.size()];
        team.run(parts, (thread, part) -> {
            if (ofThread[thread] == null) {
                ofThread[thread] = new HeadSum(rows, order, theta, withLosses);
            }
            sums[part] = ofThread[thread].lossAndGradient(bounds[part], bounds[part + 1], gradients[part]);
        });
        for (int width = 1; width < parts; width *= 2) {
            for (int left = 0; left < parts; left += 2 * width) {
                sums[left] += sums[left + width];
                add(gradients[left + width], gradients[left]);
            }
        }
        return sums[0];
    }

    /**
     * A power of two: some parts for each thread, if they are worth it. Each part has at least a block of records, so that none is empty
     * and their gradients take little memory compared with the records.
     */
    private static int parts(int threads, int records, int dimension) {
        if (threads == 1) {
            return 1;
        }
        int wanted = PARTS_A_THREAD * 2 * Integer.highestOneBit(threads - 1);
        long worth = Math.max(1, (long) records * dimension / WORTH_A_PART);
        return (int) Long.highestOneBit(Math.min(Math.min(wanted, Math.max(1, records / BLOCK)), worth));
    }

    /** Fills in the bounds between two that are known. */
    private static void halve(int[] bounds, int first, int last) {
        if (last - first > 1) {
            int half = (first + last) / 2;
            bounds[half] = middle(bounds[first], bounds[last]);
            halve(bounds, first, half);
            halve(bounds, half, last);
        }
    }

    /** The sum of the losses. */
    double loss() {
        return loss(0, order.length);
    }

    private double loss(int from, int to) {
        if (to - from <= BLOCK) {
            evaluate(from, to);
            return sumOfLosses(from, to);
        }
        int middle = middle(from, to);
        return loss(from, middle) + loss(middle, to);
    }

    /** The sums over the records at places [from, to), by this thread. */
    double lossAndGradient(int from, int to, double[] gradient) {
        int depth = Integer.SIZE - Integer.numberOfLeadingZeros(to - from);
        while (levels.size() <= depth) {
            levels.add(new double[gradient.length]);
        }
        levels.set(0, gradient);
        return lossAndGradient(from, to, 0);
    }

    /** Overwrites a level with the sum of gradients; levels above are scratch. */
    private double lossAndGradient(int from, int to, int level) {
        if (to - from <= BLOCK) {
            evaluate(from, to);
            sumOfGradients(from, to, level);
            return withLosses ? sumOfLosses(from, to) : Double.NaN;
        }
        int middle = middle(from, to);
        double left = lossAndGradient(from, middle, level);
        double right = lossAndGradient(middle, to, level + 1);
        add(levels.get(level + 1), levels.get(level));
        return left + right;
    }

    private static int middle(int from, int to) {
        return from + (to - from) / 2;
    }

    private static void add(double[] more, double[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += more[i];
        }
    }

    /** Computes a block's residuals and losses. */
    private void evaluate(int from, int to) {
        int outputs = rows.outputs();
        bringIn(from, to);
        int last = to - 1;
        for (int place = from, at = 0; place < to; place += 4, at += 4 * outputs) {
            // the last one stands in for those that are missing from the last four
            rows.outputs(
                    order[place],
                    order[Math.min(place + 1, last)],
                    order[Math.min(place + 2, last)],
                    order[Math.min(place + 3, last)],
                    theta,
                    residuals,
                    at);
        }
        copyLabels(from, to);
        rows.loss().toResiduals(residuals, labels, outputs, to - from, losses, withLosses, exponentials);
        start = from;
    }

    private void copyLabels(int from, int to) {
        double[] all = rows.labels();
        int outputs = rows.outputs();
        if (outputs == 1) {
            for (int place = from; place < to; place++) {
                labels[place - from] = all[order[place]];
            }
            return;
        }
        for (int place = from, at = 0; place < to; place++, at += outputs) {
            System.arraycopy(all, order[place] * outputs, labels, at, outputs);
        }
    }

    /**
     * Reads a number of every cache line of a block. These loads do not wait for one another as the additions of outputs do, so that
     * memory answers many at a time; Java has no other prefetch.
     */
    private void bringIn(int from, int to) {
        double[][] features = rows.features();
        double even = 0;
        double odd = 0;
        for (int place = from; place < to; place++) {
            double[] row = features[order[place]];
            for (int i = LINE; i < row.length; i += 2 * LINE) {
                even += row[i - LINE];
                odd += row[i];
            }
            // the last line, which may be the only one
            even += row[row.length - 1];
        }
        // no code reads it, but a sum that is not kept is not computed
        scratch[0] = even + odd;
    }

    private double sumOfLosses(int from, int to) {
        if (to - from == 1) {
            return losses[from - start];
        }
        int middle = middle(from, to);
        return sumOfLosses(from, middle) + sumOfLosses(middle, to);
    }

    private void sumOfGradients(int from, int to, int level) {
        if (to - from <= HeadLeaf.MOST) {
            writeGradient(from, to - from, levels.get(level));
            return;
        }
        int middle = middle(from, to);
        sumOfGradients(from, middle, level);
        if (rows.outputs() == 1 && HeadLeaf.canAdd(to - middle)) {
            addGradient(middle, to - middle, levels.get(level));
            return;
        }
        sumOfGradients(middle, to, level + 1);
        add(levels.get(level + 1), levels.get(level));
    }

    /** Overwrites with the leaf's {@code Σ_r residual_{r,k}·x_{r,i}}. */
    private void writeGradient(int from, int count, double[] into) {
        int inputs = rows.inputs();
        int outputs = rows.outputs();
        int first = (from - start) * outputs;
        if (outputs == 1) {
            HeadLeaf.write(rows.features(), order, from, count, residuals, first, 1, into);
        } else {
            for (int k = 0; k < outputs; k++) {
                HeadLeaf.write(rows.features(), order, from, count, residuals, first + k, outputs, scratch);
                System.arraycopy(scratch, 0, into, k * inputs, inputs);
            }
        }
        if (rows.bias()) {
            for (int k = 0; k < outputs; k++) {
                into[outputs * inputs + k] = sumOfResiduals(count, first + k, outputs);
            }
        }
    }

    /** Adds the gradient of a leaf that can be added, of a head with one output. */
    private void addGradient(int from, int count, double[] sum) {
        int first = from - start;
        HeadLeaf.add(rows.features(), order, from, count, residuals, first, sum);
        if (rows.bias()) {
            sum[rows.inputs()] += sumOfResiduals(count, first, 1);
        }
    }

    private double sumOfResiduals(int count, int first, int stride) {
        double a = residuals[first];
        double b = count > 1 ? residuals[first + stride] : 0;
        double c = count > 2 ? residuals[first + 2 * stride] : 0;
        double d = count > 3 ? residuals[first + 3 * stride] : 0;
        double e = count > 4 ? residuals[first + 4 * stride] : 0;
        return (a + b) + ((c + d) + e);
    }
}
