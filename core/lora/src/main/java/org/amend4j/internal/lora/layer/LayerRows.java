/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.lora.layer.LoraProduct.Projections;
import org.amend4j.internal.network.HasAdapter;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The rows a trained layer's gradient is made of, after a backward pass and before the gradient: inputs x and derivatives d
 * at the pre-activations. A plain layer's gradients are {@code dW = xᵀd} and {@code db = Σ d}; an adapter's, with
 * {@code P = xA} and {@code Q = dBᵀ}, are {@code dB = s·Pᵀd} and {@code dA = s·xᵀQ}. So the norm of one example's share
 * needs no gradient of its own ("ghost norms": Li et al., arXiv 2110.05679), and a weighted sum of the shares only needs
 * weighted rows.
 *
 * <p>Deeplearning4j's d is not divided by the batch size, so an example's rows are its own. All arrays are the running
 * pass's memory, valid until it is over.
 */
public final class LayerRows {

    private final String layer;
    private final INDArray x;
    private final INDArray d;
    private final Optional<Projections> projections;
    private final int examples;
    private final Map<String, INDArray> gradients;

    /** @param gradients where gradients go, by key */
    LayerRows(
            String layer,
            LoraProduct.Rows rows,
            long examples,
            boolean timeRunsSlowest,
            Map<String, INDArray> gradients) {
        this.layer = layer;
        this.examples = (int) examples;
        this.x = byExample(rows.x(), timeRunsSlowest);
        this.d = byExample(rows.d(), timeRunsSlowest);
        this.projections = rows.projections()
                .map(of -> new Projections(
                        of.scaling(), byExample(of.p(), timeRunsSlowest), byExample(of.q(), timeRunsSlowest)));
        this.gradients = gradients;
    }

    /** Rows of the same example next to one another. */
    private INDArray byExample(INDArray rows, boolean timeRunsSlowest) {
        long perExample = rows.size(0) / examples;
        if (!timeRunsSlowest || perExample == 1) {
            return rows;
        }
        long columns = rows.size(1);
        // The layer's working memory is the current workspace, and too short-lived.
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            INDArray timeFirst = rows.dup('c').reshape('c', new long[] {perExample, examples, columns});
            return timeFirst.permute(1, 0, 2).dup('c').reshape('c', new long[] {rows.size(0), columns});
        }
    }

    /** The layer's name. */
    public String layer() {
        return layer;
    }

    /** The rows x of the layer's input, [n, rows of the weight]; the running pass's memory, only to be read. */
    public INDArray inputs() {
        return x;
    }

    /** How many rows an example has: 1, or its time steps or pixels. */
    public int rowsPerExample() {
        return (int) (x.size(0) / examples);
    }

    /**
     * Adds, for each group of examples, the squared Euclidean norm of the group's share of this layer's gradient; where a group
     * has several rows, which may cancel, the square of an upper bound ({@link ProductNorm}).
     *
     * @param groupEnds examples are grouped in their order: group g ends before example {@code groupEnds[g]}; ascending,
     *     the last is the number of examples
     * @param rounding what a sum of products errs by, of the sum of the magnitudes
     * @param squares added to, [groups]
     */
    public void addSquaredNorms(int[] groupEnds, double rounding, double[] squares) {
        if (groupEnds.length == examples && rowsPerExample() == 1) {
            addSquaredNormsOfRows(squares);
            return;
        }
        int from = 0;
        for (int g = 0; g < groupEnds.length; g++) {
            int to = groupEnds[g] * rowsPerExample();
            squares[g] += squaredBound(from, to, rounding);
            from = to;
        }
    }

    private void addSquaredNormsOfRows(double[] squares) {
        double[] ofX = RowNorms.squared(x);
        double[] ofD = RowNorms.squared(d);
        projections.ifPresent(of -> {
            double[] ofP = RowNorms.squared(of.p());
            double[] ofQ = RowNorms.squared(of.q());
            double factor = of.scaling() * of.scaling();
            for (int i = 0; i < squares.length; i++) {
                squares[i] += factor * (ofP[i] * ofD[i] + ofX[i] * ofQ[i]);
            }
        });
        int bias = trainsBias() ? 1 : 0;
        for (int i = 0; i < squares.length; i++) {
            squares[i] += ofD[i] * ((trainsWeight() ? ofX[i] : 0) + bias);
        }
    }

    private boolean trainsWeight() {
        return gradients.containsKey(DefaultParamInitializer.WEIGHT_KEY);
    }

    private boolean trainsBias() {
        return gradients.containsKey(DefaultParamInitializer.BIAS_KEY);
    }

    private double squaredBound(int from, int to, double rounding) {
        INDArray someX = rows(x, from, to);
        INDArray someD = rows(d, from, to);
        double square = trainsWeight() ? ProductNorm.squaredBound(someX, someD, rounding) : 0;
        if (projections.isPresent()) {
            Projections of = projections.get();
            square += of.scaling()
                    * of.scaling()
                    * (ProductNorm.squaredBound(rows(of.p(), from, to), someD, rounding)
                            + ProductNorm.squaredBound(someX, rows(of.q(), from, to), rounding));
        }
        return trainsBias() ? square + ProductNorm.squaredBoundOfSum(someD, rounding) : square;
    }

    private static INDArray rows(INDArray array, int from, int to) {
        return array.get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
    }

    /**
     * Writes this layer's part of the gradient: the sum of the examples' shares, each times a weight. To be called at most
     * once a pass, for rows are weighted in place.
     *
     * @param weights one per example, [examples]
     */
    public void writeGradients(double[] weights) {
        INDArray column = weightColumn(weights);
        if (trainsBias()) {
            INDArray into = gradient(DefaultParamInitializer.BIAS_KEY);
            Nd4j.gemm(column, d, into.reshape(new long[] {1, into.length()}), true, false, 1, 0);
        }
        projections.ifPresent(of -> {
            INDArray weightedP = of.p().muliColumnVector(column);
            INDArray weightedQ = of.q().muliColumnVector(column);
            Nd4j.gemm(weightedP, d, gradient(HasAdapter.B), true, false, of.scaling(), 0);
            Nd4j.gemm(x, weightedQ, gradient(HasAdapter.A), true, false, of.scaling(), 0);
        });
        if (trainsWeight()) {
            // x may be the caller's data; d is ours.
            Nd4j.gemm(x, d.muliColumnVector(column), gradient(DefaultParamInitializer.WEIGHT_KEY), true, false, 1, 0);
        }
    }

    /** As {@link #writeGradients(double[])} with all weights 1. */
    public void writeGradients() {
        double[] once = new double[examples];
        Arrays.fill(once, 1);
        writeGradients(once);
    }

    private INDArray weightColumn(double[] weights) {
        int perExample = rowsPerExample();
        double[] ofRows = new double[weights.length * perExample];
        for (int i = 0; i < ofRows.length; i++) {
            ofRows[i] = weights[i / perExample];
        }
        return Nd4j.createFromArray(ofRows).castTo(d.dataType()).reshape(new long[] {ofRows.length, 1});
    }

    private INDArray gradient(String key) {
        return Objects.requireNonNull(gradients.get(key), key);
    }

    /**
     * Adds {@code xᵀd}, the loss's derivative at the weight itself, adapted or not.
     *
     * @param sum [rows of the weight, columns of the weight], Fortran order
     */
    public void addWeightGradient(INDArray sum) {
        Nd4j.gemm(x, d, sum, true, false, 1, 1);
    }
}
