/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.prefix;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Small random graphs and inputs, and DL4J's own answer. */
public final class Graphs {

    private Graphs() {}

    public static GraphBuilder builder(long seed) {
        return builder(seed, DataType.FLOAT);
    }

    public static GraphBuilder builder(long seed, DataType type) {
        return new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(type)
                .weightInit(WeightInit.XAVIER)
                .graphBuilder();
    }

    /** Initialises and gives every bias and running statistic a random value. */
    public static ComputationGraph init(GraphBuilder builder, long seed) {
        ComputationGraph network = new ComputationGraph(builder.build());
        network.init();
        Random random = new Random(seed);
        for (Layer layer : network.getLayers()) {
            for (Map.Entry<String, INDArray> entry : layer.paramTable().entrySet()) {
                randomise(entry.getKey(), entry.getValue(), random);
            }
        }
        return network;
    }

    private static void randomise(String key, INDArray array, Random random) {
        switch (key) {
            case BatchNormalizationParamInitializer.GLOBAL_LOG_STD -> fill(array, random, -0.2, 0.2);
            case BatchNormalizationParamInitializer.GLOBAL_VAR -> fill(array, random, 0.5, 2);
            case BatchNormalizationParamInitializer.GAMMA -> fill(array, random, 0.5, 1.5);
            case "b", BatchNormalizationParamInitializer.GLOBAL_MEAN, BatchNormalizationParamInitializer.BETA ->
                fill(array, random, -0.5, 0.5);
            default -> {}
        }
    }

    public static INDArray input(long seed, long... shape) {
        INDArray array = Nd4j.create(DataType.FLOAT, shape);
        fill(array, new Random(seed), -2, 2);
        return array;
    }

    private static void fill(INDArray array, Random random, double low, double high) {
        double[] values = random.doubles(array.length(), low, high).toArray();
        array.assign(Nd4j.createFromArray(values).castTo(array.dataType()).reshape('c', array.shape()));
    }

    /** DL4J's activation of a vertex, before any later vertex can have changed it in place. */
    static INDArray stock(ComputationGraph network, String vertex, INDArray... inputs) {
        INDArray[] copies = Arrays.stream(inputs).map(INDArray::dup).toArray(INDArray[]::new);
        Map<String, INDArray> all = network.feedForward(copies, false);
        return Objects.requireNonNull(all.get(vertex), vertex);
    }

    /**
     * The largest difference in units of float rounding at the size of the largest value.
     *
     * <p>A path of L layers with sums of K terms differs between two orders of summation by some L·√K roundings of
     * values no larger than a few times the largest; L is at most 8 and K at most 300 here, so 256 units are ample, and a
     * wrong tap, pad or channel is off by 10⁵ or more.
     */
    public static double roundings(INDArray expected, INDArray actual) {
        if (!Arrays.equals(expected.shape(), actual.shape())) {
            return Double.POSITIVE_INFINITY;
        }
        double[] a = expected.castTo(DataType.DOUBLE).dup('c').data().asDouble();
        double[] b = actual.castTo(DataType.DOUBLE).dup('c').data().asDouble();
        double largest = 1e-30;
        double difference = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i]));
            difference = Math.max(difference, Double.isNaN(b[i]) ? Double.POSITIVE_INFINITY : Math.abs(a[i] - b[i]));
        }
        return difference / (largest * 0x1p-24);
    }

    public static final double TOLERANCE = 256;
}
