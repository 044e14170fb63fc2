/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A running {@link RowNorm}. With n the normalised row and e = dy∘g: {@code dx = (e − n·avg(e∘n))/r} with a root mean square r, and
 * {@code dx = (e − avg(e) − n·avg(e∘n))/r} with a deviation r; {@code dg = Σ dy∘n}, {@code db = Σ dy}.
 */
final class RunningRowNorm extends BaseLayer<RowNorm> {

    private static final long serialVersionUID = 1L;

    RunningRowNorm(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    /**
     * Rows with mean 0, if it is taken off, and length √d.
     *
     * @param divisors of the rows, [rows, 1]
     */
    private record Normalised(INDArray rows, INDArray divisors) {}

    private boolean isCentred() {
        return layerConf().kind() == RowNorm.Kind.LAYER;
    }

    private Normalised normalised() {
        INDArray x = isCentred() ? input.subColumnVector(input.mean(true, 1)) : input;
        INDArray divisors =
                Transforms.sqrt(x.mul(x).mean(true, 1).addi(layerConf().epsilon()), false);
        return new Normalised(x.divColumnVector(divisors), divisors);
    }

    private INDArray gain() {
        INDArray gain = getParam(RowNorm.GAIN);
        return layerConf().kind() == RowNorm.Kind.ROOT_MEAN_SQUARE_AROUND_ONE ? gain.add(1) : gain;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        INDArray y = normalised().rows().muliRowVector(gain());
        if (isCentred()) {
            y.addiRowVector(getParam(RowNorm.BIAS));
        }
        return workspaces.dup(ArrayType.ACTIVATIONS, y, 'c');
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        Normalised n = normalised();
        INDArray e = epsilon.mulRowVector(gain());
        INDArray dx = n.rows().mulColumnVector(e.mul(n.rows()).mean(true, 1)).rsubi(e);
        if (isCentred()) {
            dx.subiColumnVector(e.mean(true, 1));
        }
        dx.diviColumnVector(n.divisors());
        Gradient gradient = new DefaultGradient();
        write(gradient, RowNorm.GAIN, n.rows().muli(epsilon));
        if (isCentred()) {
            write(gradient, RowNorm.BIAS, epsilon);
        }
        return new Pair<>(gradient, workspaces.dup(ArrayType.ACTIVATION_GRAD, dx, 'c'));
    }

    private void write(Gradient gradient, String key, INDArray rows) {
        INDArray view = Objects.requireNonNull(gradientViews.get(key), key);
        view.assign(rows.sum(true, 0));
        gradient.setGradientFor(key, view);
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }
}
