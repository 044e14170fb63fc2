package org.amend4j.objective;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveTask;

/**
 * Sums over records by halves: {@code Σ_{[a, b)} = Σ_{[a, m)} + Σ_{[m, b)}} with m = a + ⌊(b - a)/2⌋, down to single
 * records, so that a sum of n has gone through ⌈log₂ n⌉ additions at most (Higham, Accuracy and Stability, section 4.2).
 * The same records in the same order give the same bytes, however many threads there are. Not thread-safe.
 */
final class HeadSum {

    /** Records whose residuals are computed at a time: loops without calls, in memory that stays in the cache. */
    private static final int BLOCK = 256;

    /** Records that are added without a recursive call, in the order in which it would add them. */
    private static final int LEAF = 4;

    /** Products below which a half is not worth a thread. */
    private static final long WORTH_A_THREAD = 1 << 18;

    private final HeadRows rows;
    private final int[] order;
    private final double[] theta;
    private final boolean withLosses;
    private final double[] residuals;
    private final double[] labels;
    private final double[] losses;

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
        this.residuals = new double[(BLOCK + 1) * rows.outputs()];
        this.labels = new double[BLOCK * rows.outputs()];
        this.losses = new double[BLOCK];
    }

    /**
     * The sum of the losses, or anything if they are not wanted, and of the gradients, with which {@code gradient} is
     * overwritten. Halves that are worth it are left to other threads; the order of additions is the same.
     */
    static double lossAndGradient(HeadRows rows, int[] order, double[] theta, double[] gradient, boolean withLosses) {
        int threads = ForkJoinPool.getCommonPoolParallelism() + 1;
        int splits = Integer.SIZE - Integer.numberOfLeadingZeros(threads - 1);
        return new Half(rows, order, theta, withLosses, 0, order.length, splits, gradient).compute();
    }

    /** A part of the sum, which may be split once more. */
    private static final class Half extends RecursiveTask<Double> {
        private static final long serialVersionUID = 1;
        private final transient HeadRows rows;
        private final transient int[] order;
        private final transient double[] theta;
        private final boolean withLosses;
        private final int from;
        private final int to;
        private final int splits;
        private final transient double[] gradient;

        Half(
                HeadRows rows,
                int[] order,
                double[] theta,
                boolean withLosses,
                int from,
                int to,
                int splits,
                double[] gradient) {
            this.rows = rows;
            this.order = order;
            this.theta = theta;
            this.withLosses = withLosses;
            this.from = from;
            this.to = to;
            this.splits = splits;
            this.gradient = gradient;
        }

        @Override
        protected Double compute() {
            if (splits == 0 || (long) (to - from) * rows.dimension() < 2 * WORTH_A_THREAD) {
                return new HeadSum(rows, order, theta, withLosses).lossAndGradient(from, to, gradient);
            }
            int middle = middle(from, to);
            double[] more = new double[gradient.length];
            Half left = new Half(rows, order, theta, withLosses, from, middle, splits - 1, gradient);
            Half right = new Half(rows, order, theta, withLosses, middle, to, splits - 1, more);
            invokeAll(left, right);
            double sum = left.join() + right.join();
            add(more, gradient);
            return sum;
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
        double[][] levels = new double[depth + 1][];
        levels[0] = gradient;
        for (int level = 1; level <= depth; level++) {
            levels[level] = new double[gradient.length];
        }
        return lossAndGradient(from, to, levels, 0);
    }

    /** Overwrites {@code levels[level]} with the sum of gradients; levels above are scratch. */
    private double lossAndGradient(int from, int to, double[][] levels, int level) {
        if (to - from <= BLOCK) {
            evaluate(from, to);
            sumOfGradients(from, to, levels, level);
            return withLosses ? sumOfLosses(from, to) : Double.NaN;
        }
        int middle = middle(from, to);
        double left = lossAndGradient(from, middle, levels, level);
        double right = lossAndGradient(middle, to, levels, level + 1);
        add(levels[level + 1], levels[level]);
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
        for (int place = from, at = 0; place < to; place += 2, at += 2 * outputs) {
            // an odd one out is computed twice
            rows.outputs(order[place], order[Math.min(place + 1, to - 1)], theta, residuals, at);
        }
        for (int place = from, at = 0; place < to; place++, at += outputs) {
            System.arraycopy(rows.labels(), order[place] * outputs, labels, at, outputs);
        }
        rows.loss().toResiduals(residuals, labels, outputs, to - from, losses, withLosses);
        start = from;
    }

    private double sumOfLosses(int from, int to) {
        if (to - from == 1) {
            return losses[from - start];
        }
        int middle = middle(from, to);
        return sumOfLosses(from, middle) + sumOfLosses(middle, to);
    }

    private void sumOfGradients(int from, int to, double[][] levels, int level) {
        if (to - from <= LEAF) {
            writeGradient(from, to - from, levels[level]);
            return;
        }
        int middle = middle(from, to);
        sumOfGradients(from, middle, levels, level);
        sumOfGradients(middle, to, levels, level + 1);
        add(levels[level + 1], levels[level]);
    }

    /** Overwrites with the leaf's {@code Σ_r residual_{r,k}·x_{r,i}}. */
    private void writeGradient(int from, int count, double[] into) {
        double[] x = rows.features();
        int inputs = rows.inputs();
        int outputs = rows.outputs();
        int last = from + count - 1;
        int row0 = order[from] * inputs;
        int row1 = order[Math.min(from + 1, last)] * inputs;
        int row2 = order[Math.min(from + 2, last)] * inputs;
        int row3 = order[Math.min(from + 3, last)] * inputs;
        int first = (from - start) * outputs;
        for (int k = 0, at = 0; k < outputs; k++, at += inputs) {
            double a = residuals[first + k];
            double b = count > 1 ? residuals[first + outputs + k] : 0;
            double c = count > 2 ? residuals[first + 2 * outputs + k] : 0;
            double d = count > 3 ? residuals[first + 3 * outputs + k] : 0;
            if (rows.bias()) {
                into[outputs * inputs + k] = (a + b) + (c + d);
            }
            switch (count) {
                case 1 -> {
                    for (int i = 0; i < inputs; i++) {
                        into[at + i] = a * x[row0 + i];
                    }
                }
                case 2 -> {
                    for (int i = 0; i < inputs; i++) {
                        into[at + i] = a * x[row0 + i] + b * x[row1 + i];
                    }
                }
                case 3 -> {
                    for (int i = 0; i < inputs; i++) {
                        into[at + i] = a * x[row0 + i] + (b * x[row1 + i] + c * x[row2 + i]);
                    }
                }
                default -> {
                    for (int i = 0; i < inputs; i++) {
                        into[at + i] = (a * x[row0 + i] + b * x[row1 + i]) + (c * x[row2 + i] + d * x[row3 + i]);
                    }
                }
            }
        }
    }
}
