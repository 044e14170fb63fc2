/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.FactorLayout;
import org.amend4j.lora.file.LayerFactors;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Adapters of random values, and their changes as plain arrays. */
final class RandomAdapters {
    static final String BASE = "0123456789abcdef".repeat(4);
    static final int ROWS = 7;
    static final int COLUMNS = 5;

    private RandomAdapters() {}

    /** Of one dense layer of 7 inputs and 5 outputs, called dense. */
    static AdapterContent dense(DataType type, int rank, double alpha, long seed) {
        return content(LoraConfig.of(rank, alpha), factors("dense", type, rank, alpha, seed));
    }

    static AdapterContent content(LoraConfig config, LayerFactors... layers) {
        return new AdapterContent(config, BASE, Map.of(), List.of(layers), List.of());
    }

    static LayerFactors factors(String name, DataType type, int rank, double alpha, long seed) {
        AdapterSpec spec = LoraConfig.of(rank, alpha).adapter(name, rank, alpha);
        return factors(new FactorLayout.Dense(), spec, type, seed);
    }

    static LayerFactors factors(FactorLayout layout, AdapterSpec spec, DataType type, long seed) {
        Random random = new Random(seed);
        return LayerFactors.of(
                layout,
                spec,
                gaussian(random, type, ROWS * layout.kernelSize(), spec.rank()),
                gaussian(random, type, spec.rank(), COLUMNS));
    }

    private static INDArray gaussian(Random random, DataType type, long rows, long columns) {
        INDArray array = Nd4j.create(type, new long[] {rows, columns}, 'f');
        for (long i = 0; i < rows; i++) {
            for (long j = 0; j < columns; j++) {
                array.putScalar(i, j, random.nextGaussian());
            }
        }
        return array;
    }

    static WeightedAdapter weighted(String name, AdapterContent content, double weight) {
        return new WeightedAdapter(name, content, weight);
    }

    /** The only layer of a result. */
    static LayerFactors only(AdapterCombination combined) {
        return combined.content().factors().get(0);
    }

    static double[][] array(INDArray matrix) {
        double[][] values = new double[(int) matrix.size(0)][(int) matrix.size(1)];
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < values[i].length; j++) {
                values[i][j] = matrix.getDouble(i, j);
            }
        }
        return values;
    }

    static double[][] product(double[][] a, double[][] b) {
        double[][] values = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b[0].length; j++) {
                for (int k = 0; k < b.length; k++) {
                    values[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return values;
    }

    /** s·A·B. */
    static double[][] change(LayerFactors layer) {
        return plus(
                new double[(int) layer.a().size(0)][(int) layer.b().size(1)],
                layer.spec().scaling(),
                product(array(layer.a()), array(layer.b())));
    }

    /** Σ w·s·A·B over adapters of the one layer. */
    static double[][] sum(WeightedAdapter... adapters) {
        double[][] sum = new double[ROWS][COLUMNS];
        for (WeightedAdapter adapter : adapters) {
            sum = plus(sum, adapter.weight(), change(adapter.content().factors().get(0)));
        }
        return sum;
    }

    /** a + f·b. */
    static double[][] plus(double[][] a, double factor, double[][] b) {
        double[][] sum = new double[a.length][a[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[0].length; j++) {
                sum[i][j] = a[i][j] + factor * b[i][j];
            }
        }
        return sum;
    }

    static double norm(double[][] matrix) {
        double squares = 0;
        for (double[] row : matrix) {
            for (double value : row) {
                squares += value * value;
            }
        }
        return Math.sqrt(squares);
    }

    /** 2⁻²⁴ or 2⁻⁵³. */
    static double roundoff(DataType type) {
        return type == DataType.DOUBLE ? 0x1p-53 : 0x1p-24;
    }

    /**
     * What a stored product can err by: a rounding of each value of both factors, and 64 roundings in double for what comes
     * before; in norms, hence of the whole difference.
     */
    static double tolerance(LayerFactors stored) {
        double size = stored.spec().scaling() * norm(array(stored.a())) * norm(array(stored.b()));
        return (2.001 * roundoff(stored.dataType()) + 64 * 0x1p-53) * size;
    }
}
