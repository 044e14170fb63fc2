/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.Precision;

/**
 * A {@link SmoothLoss} over LoRA factors: w is the weights {@code W₀ + s·A·B} of all adapters, column after column, one
 * after the other, and then the directly trained parameters; θ is all A and B, with the directly trained parameters in front.
 */
final class FactorProblem implements LowRankObjective {

    /** The shape of one adapter. */
    record Layer(int rows, int rank, int columns, double scaling) {}

    private final SmoothLoss loss;
    private final List<AdapterBlock> adapters;
    private final int direct;
    private final double[] base;
    private final double weightDecay;

    FactorProblem(SmoothLoss loss, List<Layer> layers, double[] base, double weightDecay) {
        this.loss = loss;
        this.base = base.clone();
        this.weightDecay = weightDecay;
        int weights = layers.stream().mapToInt(l -> l.rows() * l.columns()).sum();
        this.direct = loss.dimension() - weights;
        this.adapters = new ArrayList<>();
        int offset = direct;
        for (Layer l : layers) {
            int offsetB = offset + l.rows() * l.rank();
            adapters.add(new AdapterBlock(
                    "layer" + adapters.size(), offset, l.rows(), l.rank(), offsetB, l.columns(), l.scaling()));
            offset = offsetB + l.rank() * l.columns();
        }
    }

    double lipschitz() {
        return loss.lipschitz();
    }

    /** A start with all parameters normal. */
    double[] start(Random random, double deviation) {
        return DoubleStream.generate(() -> deviation * random.nextGaussian())
                .limit(dimension())
                .toArray();
    }

    @Override
    public List<AdapterBlock> adapters() {
        return adapters;
    }

    @Override
    public double weightDecay() {
        return weightDecay;
    }

    @Override
    public int dimension() {
        return direct + adapters.stream().mapToInt(b -> b.sizeA() + b.sizeB()).sum();
    }

    @Override
    public double value(double[] theta) {
        return valueAndGradient(theta, new double[dimension()]);
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        return valueAndGradient(theta, gradient, new double[adapters.size()]);
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient, double[] weightGradientNorms) {
        Vectors.requireLength("theta", theta, dimension());
        double[] w = weights(theta);
        double[] g = new double[w.length];
        double value = loss.valueAndGradient(w, g);
        int at = 0;
        for (int k = 0; k < adapters.size(); k++) {
            AdapterBlock block = adapters.get(k);
            pull(block, theta, g, at, gradient);
            weightGradientNorms[k] = Math.sqrt(Vectors.squares(g, at, at + block.rows() * block.columns()));
            at += block.rows() * block.columns();
        }
        System.arraycopy(g, at, gradient, 0, direct);
        double squares = 0;
        for (int i = 0; i < theta.length; i++) {
            gradient[i] += weightDecay * theta[i];
            squares += theta[i] * theta[i];
        }
        return value + weightDecay / 2 * squares;
    }

    private double[] weights(double[] theta) {
        double[] w = base.clone();
        int at = 0;
        for (AdapterBlock block : adapters) {
            for (int j = 0; j < block.columns(); j++) {
                for (int i = 0; i < block.rows(); i++) {
                    double product = 0;
                    for (int k = 0; k < block.rank(); k++) {
                        product += theta[block.offsetA() + k * block.rows() + i]
                                * theta[block.offsetB() + j * block.rank() + k];
                    }
                    w[at++] += block.scaling() * product;
                }
            }
        }
        for (int i = 0; i < direct; i++) {
            w[at + i] += theta[i];
        }
        return w;
    }

    /** {@code ∂A = s·G·Bᵀ, ∂B = s·Aᵀ·G} with G [rows, columns] at {@code g[from]}. */
    private static void pull(AdapterBlock block, double[] theta, double[] g, int from, double[] gradient) {
        for (int k = 0; k < block.rank(); k++) {
            for (int i = 0; i < block.rows(); i++) {
                double sum = 0;
                for (int j = 0; j < block.columns(); j++) {
                    sum += g[from + j * block.rows() + i] * theta[block.offsetB() + j * block.rank() + k];
                }
                gradient[block.offsetA() + k * block.rows() + i] = block.scaling() * sum;
            }
            for (int j = 0; j < block.columns(); j++) {
                double sum = 0;
                for (int i = 0; i < block.rows(); i++) {
                    sum += g[from + j * block.rows() + i] * theta[block.offsetA() + k * block.rows() + i];
                }
                gradient[block.offsetB() + j * block.rank() + k] = block.scaling() * sum;
            }
        }
    }

    @Override
    public Precision precision() {
        return Precision.DOUBLE;
    }

    @Override
    public String fingerprint() {
        return "test";
    }
}
