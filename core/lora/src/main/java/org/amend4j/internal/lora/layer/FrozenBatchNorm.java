/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastAddOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Batch normalisation with the stored statistics: {@code y = γ(x - μ)/√(σ² + ε) + β}, {@code dx = γ/√(σ² + ε)·d}. That is
 * a scale and a shift per channel, both computed once in double. Input [batch, n] or [batch, n, h, w] (or channels last).
 */
public final class FrozenBatchNorm extends BaseBackedLayer {

    private static final long serialVersionUID = 1L;

    private final transient INDArray scale;
    private final transient INDArray shift;
    private final boolean channelsLast;

    /**
     * @param conf around the stock layer
     * @param base weights and statistics of the base by Deeplearning4j's keys, only read
     */
    public FrozenBatchNorm(
            BatchNormalization norm, NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        super(conf, type);
        this.channelsLast = norm.getCnn2DFormat() == CNN2DFormat.NHWC;
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            double[] mean = doubles(Objects.requireNonNull(
                    base.get(BatchNormalizationParamInitializer.GLOBAL_MEAN),
                    BatchNormalizationParamInitializer.GLOBAL_MEAN));
            double[] variance = variance(norm, base);
            double[] gain = gainOrBias(norm.isLockGammaBeta(), norm.getGamma(), mean.length, base, "gamma");
            double[] bias = gainOrBias(norm.isLockGammaBeta(), norm.getBeta(), mean.length, base, "beta");
            double[] scales = new double[mean.length];
            double[] shifts = new double[mean.length];
            for (int i = 0; i < mean.length; i++) {
                scales[i] = gain[i] / Math.sqrt(variance[i] + norm.getEps());
                shifts[i] = bias[i] - mean[i] * scales[i];
            }
            this.scale = Nd4j.createFromArray(scales).castTo(type);
            this.shift = Nd4j.createFromArray(shifts).castTo(type);
        }
    }

    private static double[] variance(BatchNormalization norm, Map<String, INDArray> base) {
        if (!norm.isUseLogStd()) {
            return doubles(Objects.requireNonNull(
                    base.get(BatchNormalizationParamInitializer.GLOBAL_VAR),
                    BatchNormalizationParamInitializer.GLOBAL_VAR));
        }
        double[] logDeviation = doubles(Objects.requireNonNull(
                base.get(BatchNormalizationParamInitializer.GLOBAL_LOG_STD),
                BatchNormalizationParamInitializer.GLOBAL_LOG_STD));
        return Arrays.stream(logDeviation).map(l -> Math.pow(10, 2 * l)).toArray();
    }

    private static double[] gainOrBias(
            boolean locked, double value, int length, Map<String, INDArray> base, String key) {
        if (locked) {
            double[] all = new double[length];
            Arrays.fill(all, value);
            return all;
        }
        return doubles(Objects.requireNonNull(base.get(key), key));
    }

    private static double[] doubles(INDArray array) {
        return array.dup('c').data().asDouble();
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        INDArray y = scaled(input.castTo(dataType), ArrayType.ACTIVATIONS, workspaces);
        return Nd4j.exec(new BroadcastAddOp(y, shift, y, channelDimension(y)));
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray dx = layerConf().isInputFrozen()
                ? null
                : scaled(epsilon.castTo(dataType), ArrayType.ACTIVATION_GRAD, workspaces);
        return new Pair<>(new DefaultGradient(), dx);
    }

    private INDArray scaled(INDArray x, ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        INDArray result = workspaces.createUninitialized(lifetime, dataType, x.shape(), x.ordering());
        return Nd4j.exec(new BroadcastMulOp(x, scale, result, channelDimension(x)));
    }

    private int channelDimension(INDArray x) {
        int dimension = channelsLast && x.rank() == 4 ? 3 : 1;
        if ((x.rank() != 2 && x.rank() != 4) || x.size(dimension) != scale.length()) {
            throw new DL4JInvalidInputException("input must have rank 2 or 4 and " + scale.length()
                    + " channels in dimension " + dimension + ", got shape " + Arrays.toString(x.shape()) + " "
                    + layerId());
        }
        return dimension;
    }
}
