/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a batch norm with stored statistics does: {@code factor · x + shift} per channel, with {@code factor = gamma / √(variance
 * + ε)} and {@code shift = beta − factor · mean}, in double.
 */
public final class ChannelAffine {

    private final double[] factor;
    private final double[] shift;

    private ChannelAffine(double[] factor, double[] shift) {
        this.factor = factor;
        this.shift = shift;
    }

    /**
     * A layer's scale and shift.
     *
     * @param parameters the layer's, by Deeplearning4j's keys
     * @return empty if gamma and beta are locked to other values than 1 and 0: Deeplearning4j's paths disagree on what that means
     */
    public static Optional<ChannelAffine> of(BatchNormalization conf, Map<String, INDArray> parameters) {
        boolean locked = conf.isLockGammaBeta();
        if (locked && (conf.getGamma() != 1.0 || conf.getBeta() != 0.0)) {
            return Optional.empty();
        }
        double[] mean = doubles(parameters, BatchNormalizationParamInitializer.GLOBAL_MEAN);
        double[] variance = variance(conf, parameters);
        double[] factor = new double[mean.length];
        double[] shift = new double[mean.length];
        double[] gamma = locked ? mean : doubles(parameters, BatchNormalizationParamInitializer.GAMMA);
        double[] beta = locked ? mean : doubles(parameters, BatchNormalizationParamInitializer.BETA);
        for (int j = 0; j < mean.length; j++) {
            factor[j] = (locked ? 1.0 : gamma[j]) / Math.sqrt(variance[j] + conf.getEps());
            shift[j] = (locked ? 0.0 : beta[j]) - factor[j] * mean[j];
        }
        return Optional.of(new ChannelAffine(factor, shift));
    }

    private static double[] variance(BatchNormalization conf, Map<String, INDArray> parameters) {
        if (!conf.isUseLogStd()) {
            return doubles(parameters, BatchNormalizationParamInitializer.GLOBAL_VAR);
        }
        double[] values = doubles(parameters, BatchNormalizationParamInitializer.GLOBAL_LOG_STD);
        for (int j = 0; j < values.length; j++) {
            values[j] = Math.pow(10.0, 2 * values[j]);
        }
        return values;
    }

    private static double[] doubles(Map<String, INDArray> parameters, String key) {
        INDArray values = Objects.requireNonNull(parameters.get(key), key);
        return values.castTo(DataType.DOUBLE).dup('c').data().asDouble();
    }

    /** One factor a channel. */
    public double[] factor() {
        return factor.clone();
    }

    /** One shift a channel. */
    public double[] shift() {
        return shift.clone();
    }
}
