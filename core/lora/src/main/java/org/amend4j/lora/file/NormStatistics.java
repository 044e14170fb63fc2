/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.Map;
import java.util.TreeMap;
import org.amend4j.model.BaseModel;
import org.amend4j.model.TorchLayer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The spread of a batch norm: PyTorch keeps the variance σ², Deeplearning4j by default ({@code useLogStd}) log10 σ. So
 * {@code log10stdev = log10(var)/2} and {@code var = 10^(2·log10stdev)}, computed in double and rounded once.
 */
final class NormStatistics {
    static final String VARIANCE = "var";
    static final String LOG10_DEVIATION = "log10stdev";
    /** Stands for a variance of 0, which has no logarithm: its own variance, 1e-60, is 0 in float and nothing beside any ε. */
    private static final double ZERO = -30;

    private NormStatistics() {}

    static double variance(double log10Deviation) {
        return StrictMath.pow(10, 2 * log10Deviation);
    }

    /** @throws IllegalArgumentException if the variance is negative */
    static double log10Deviation(String vertex, double variance) {
        if (!(variance >= 0)) {
            throw new IllegalArgumentException(
                    "the variances of the batch norm '" + vertex + "' must be >= 0, got " + variance);
        }
        return Math.max(ZERO, StrictMath.log10(variance) / 2);
    }

    /** The layer in the form in which the base keeps it; the same object unless a batch norm keeps its spread otherwise. */
    static FullLayer as(FullLayer layer, BaseModel base) {
        Map<String, INDArray> wanted = base.parameters(layer.vertex());
        INDArray variances = layer.parameters().get(VARIANCE);
        if (layer.kind() != TorchLayer.BATCH_NORM || variances == null || !wanted.containsKey(LOG10_DEVIATION)) {
            return layer;
        }
        INDArray logarithms = variances.dup('c');
        for (long i = 0; i < logarithms.length(); i++) {
            logarithms.putScalar(i, log10Deviation(layer.vertex(), variances.getDouble(i)));
        }
        Map<String, INDArray> parameters = new TreeMap<>(layer.parameters());
        parameters.remove(VARIANCE);
        parameters.put(LOG10_DEVIATION, logarithms);
        return new FullLayer(layer.vertex(), layer.kind(), parameters);
    }
}
