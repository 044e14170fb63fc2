/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.backend.LayerNormKernels.Statistics;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RmsNormKernels.Gain;
import org.amend4j.internal.network.PropagatesInputGradient;
import org.amend4j.transformer.RowNorm;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A running {@link RowNorm}. With n the normalised row and e = dy∘g: {@code dx = (e − n·avg(e∘n))/r} with a root mean square r, and
 * {@code dx = (e − avg(e) − n·avg(e∘n))/r} with a deviation r; {@code dg = Σ dy∘n}, {@code db = Σ dy}. Parts of rows are rows of their own
 * here, in the same memory.
 */
public final class RunningRowNorm extends BaseLayer<RowNorm> implements PropagatesInputGradient {

    private static final long serialVersionUID = 1L;

    private transient @Nullable Moments kept;

    public RunningRowNorm(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    /**
     * What normalisation finds out about rows.
     *
     * @param means [rows]; not written with a root mean square
     * @param inverses of the divisors, [rows]
     */
    private record Moments(INDArray of, INDArray means, INDArray inverses) {}

    private boolean isCentred() {
        return layerConf().kind() == RowNorm.Kind.LAYER;
    }

    private Gain gain(ArrayKernels kernels) {
        boolean around = layerConf().kind() == RowNorm.Kind.ROOT_MEAN_SQUARE_AROUND_ONE;
        return new Gain(kernels.numbers(getParam(RowNorm.GAIN)), around ? 1 : 0);
    }

    /** Parts of rows as rows. */
    private INDArray parts(INDArray rows) {
        int parts = layerConf().parts();
        return parts == 1 ? rows : rows.reshape('c', new long[] {rows.size(0) * parts, rows.size(1) / parts});
    }

    private INDArray partsOfInput() {
        return parts(input.castTo(dataType));
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        INDArray y = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, input.shape(), 'c');
        Moments moments = new Moments(input, ofRows(workspaces), ofRows(workspaces));
        normalise(partsOfInput(), parts(y), moments);
        kept = moments;
        return y;
    }

    private INDArray ofRows(LayerWorkspaceMgr workspaces) {
        long[] each = {input.size(0) * layerConf().parts()};
        return workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, each, 'c');
    }

    private void normalise(INDArray x, INDArray y, Moments moments) {
        double epsilon = layerConf().epsilon();
        try (ArrayKernels kernels = new ArrayKernels(y)) {
            MatrixView from = kernels.rows(x);
            MatrixView to = kernels.into(y);
            Gain gain = gain(kernels);
            MachineArray means = kernels.numbers(moments.means());
            MachineArray inverses = kernels.numbers(moments.inverses());
            Optional<MachineArray> bias =
                    isCentred() ? Optional.of(kernels.numbers(getParam(RowNorm.BIAS))) : Optional.empty();
            kernels.divide(to, (first, count) -> {
                MatrixView some = from.rows(first, count);
                MachineArray inverse = inverses.slice(first, count);
                if (isCentred()) {
                    Statistics statistics = new Statistics(means.slice(first, count), inverse);
                    kernels.get()
                            .layerNorm()
                            .forward(some, gain.values(), bias, to.rows(first, count), statistics, epsilon);
                } else {
                    kernels.get().rmsNorm().forward(some, gain, to.rows(first, count), inverse, epsilon);
                }
            });
        }
    }

    @SuppressWarnings("ReferenceEquality") // an array is the same, or another
    private Moments moments(LayerWorkspaceMgr workspaces) {
        Moments moments = kept;
        if (moments == null || moments.of() != input) {
            activate(false, workspaces);
            moments = Objects.requireNonNull(kept);
        }
        return moments;
    }

    @Override
    public INDArray inputGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray dx = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, input.shape(), 'c');
        Moments moments = moments(workspaces);
        try (ArrayKernels kernels = new ArrayKernels(dx)) {
            MatrixView dy = kernels.rows(parts(epsilon.castTo(dataType)));
            MatrixView x = kernels.rows(partsOfInput());
            MatrixView to = kernels.into(parts(dx));
            Gain gain = gain(kernels);
            MachineArray means = kernels.numbers(moments.means());
            MachineArray inverses = kernels.numbers(moments.inverses());
            kernels.divide(to, (first, count) -> {
                MatrixView d = dy.rows(first, count);
                MatrixView some = x.rows(first, count);
                MachineArray inverse = inverses.slice(first, count);
                if (isCentred()) {
                    Statistics statistics = new Statistics(means.slice(first, count), inverse);
                    kernels.get().layerNorm().gradient(d, some, gain.values(), statistics, to.rows(first, count));
                } else {
                    kernels.get().rmsNorm().gradient(d, some, gain, inverse, to.rows(first, count));
                }
            });
        }
        return dx;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray dx = inputGradient(epsilon, workspaces);
        Gradient gradient = new DefaultGradient();
        Moments moments = moments(workspaces);
        try (ArrayKernels kernels = new ArrayKernels(dx)) {
            MatrixView dy = kernels.rows(parts(epsilon.castTo(dataType)));
            MatrixView x = kernels.rows(partsOfInput());
            int rows = x.rows();
            int columns = x.columns();
            MachineArray products = kernels.numbers(workspaces.createUninitialized(
                    ArrayType.BP_WORKING_MEM, dataType, new long[] {(long) rows * columns}, 'c'));
            MachineArray inverses = kernels.numbers(moments.inverses());
            if (isCentred()) {
                Statistics statistics = new Statistics(kernels.numbers(moments.means()), inverses);
                kernels.get().layerNorm().gainProducts(dy, x, statistics, products);
            } else {
                kernels.get().rmsNorm().gainProducts(dy, x, inverses, products);
            }
            addUp(kernels, MatrixView.of(products, rows, columns), gradient, RowNorm.GAIN);
            if (isCentred()) {
                addUp(kernels, dy, gradient, RowNorm.BIAS);
            }
        }
        return new Pair<>(gradient, dx);
    }

    private void addUp(ArrayKernels kernels, MatrixView rows, Gradient gradient, String key) {
        INDArray view = Objects.requireNonNull(gradientViews.get(key), key);
        kernels.columnSums(rows, view, 0);
        gradient.setGradientFor(key, view);
    }

    @Override
    public void clear() {
        super.clear();
        kept = null;
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }
}
