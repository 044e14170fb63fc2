/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import java.util.Arrays;
import org.amend4j.internal.lora.init.Decompositions.Svd;
import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The principal components of a layer's inputs, which come batch by batch (incremental PCA: Ross et al., "Incremental Learning
 * for Robust Visual Tracking", IJCV 77): of the components so far, weighted, the centred batch, and the two means'
 * difference, the singular vectors. Exact while no more than the kept components have variance; what is cut off is lost, so
 * ratios then err downwards. Not thread-safe.
 */
public final class InputComponents {

    /** A longer batch is taken in pieces: the decomposition needs memory proportional to them. */
    private static final int PIECE = 1024;

    private final String target;
    private final int kept;
    private Dense components;
    private Dense before;
    private double[] values = {};
    private Dense mean;
    private double scatter;
    private long count;

    /**
     * @param target name of the adapted weight, for messages
     * @param inputs nIn, >= 1
     * @param kept how many components are kept, in [1, nIn]; {@link Eva#kept}
     */
    public InputComponents(String target, int inputs, int kept) {
        this.target = Checks.name("the target of components", target);
        Checks.atLeast(1, "inputs of target '" + target + "'", inputs);
        this.kept = Checks.inRange(1, inputs, "kept components of target '" + target + "'", kept);
        components = Dense.zero(inputs, 0);
        before = components;
        mean = Dense.zero(inputs, 1);
    }

    /**
     * Adds a batch.
     *
     * @param rows [any number, nIn]; finite
     */
    public void addInPlace(INDArray rows) {
        Dense x = InputRows.columns(target, mean.rows(), rows);
        before = components;
        for (int from = 0; from < x.columns(); from += PIECE) {
            add(x.columns(from, Math.min(x.columns(), from + PIECE)));
        }
    }

    private void add(Dense x) {
        int inputs = x.rows();
        int old = components.columns();
        double[] ofX = meanOf(x);
        Dense stack = Dense.zero(inputs, old + x.columns() + 1);
        System.arraycopy(components.scaled(k -> values[k]).values(), 0, stack.values(), 0, inputs * old);
        double weight = Math.sqrt((double) count / (count + x.columns()) * x.columns());
        for (int i = 0; i < inputs; i++) {
            for (int j = 0; j < x.columns(); j++) {
                stack.values()[(old + j) * inputs + i] = x.at(i, j) - ofX[i];
            }
            stack.values()[(old + x.columns()) * inputs + i] = weight * (mean.values()[i] - ofX[i]);
        }
        scatter += stack.columns(old, stack.columns()).squares();
        Svd svd = Decompositions.svd(stack);
        count += x.columns();
        double share = (double) x.columns() / count;
        Dense moved = Dense.zero(inputs, 1);
        Arrays.setAll(moved.values(), i -> mean.values()[i] + share * (ofX[i] - mean.values()[i]));
        mean = moved;
        int now = Math.toIntExact(Math.min(Math.min(kept, svd.values().length), count));
        components = svd.u().columns(0, now);
        values = Arrays.copyOf(svd.values(), now);
    }

    private static double[] meanOf(Dense x) {
        double[] mean = new double[x.rows()];
        for (int j = 0; j < x.columns(); j++) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += x.at(i, j);
            }
        }
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= x.columns();
        }
        return mean;
    }

    /** How many inputs it has seen. */
    public long count() {
        return count;
    }

    /** The share of the variance that each component explains, descending; zeros if nothing varies. */
    public double[] explainedVarianceRatios() {
        double[] ratios = new double[values.length];
        if (scatter > 0) {
            Arrays.setAll(ratios, k -> values[k] * values[k] / scatter);
        }
        return ratios;
    }

    /**
     * Whether the last batch changed little: the cosine of each of the first components with the one before is at least this,
     * up to sign.
     *
     * @param components how many; false while there are fewer
     * @param threshold in (0, 1)
     */
    public boolean isConverged(int components, double threshold) {
        if (before.columns() < components || this.components.columns() < components) {
            return false;
        }
        for (int k = 0; k < components; k++) {
            double cosine = this.components
                    .columns(k, k + 1)
                    .transposedTimes(before.columns(k, k + 1))
                    .values()[0];
            if (!(Math.abs(cosine) >= threshold)) {
                return false;
            }
        }
        return true;
    }

    int inputs() {
        return mean.rows();
    }

    /** [nIn, up to {@code kept}], orthonormal columns. */
    Dense components() {
        return components;
    }
}
