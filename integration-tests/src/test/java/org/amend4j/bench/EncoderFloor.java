/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.integration.EncoderProblem;
import org.amend4j.testkit.TestNetworks;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The products with frozen weights of an encoder's step and nothing else, as ND4J calls in sequence: forward through every linear layer,
 * and back through all but the first layer's projections, whose inputs nobody trains. No products with the rank, none of attention, no
 * elementwise pass. Results by columns, as in {@link GemmFloor}; factors never change, so that no number becomes subnormal.
 */
final class EncoderFloor {

    /** @param hasGradient whether there is a product back */
    private record Product(INDArray weight, boolean hasGradient) {}

    private final List<Product> products = new ArrayList<>();
    private final Map<Long, INDArray> factors = new HashMap<>();
    private final Map<Long, INDArray> results = new HashMap<>();

    EncoderFloor(EncoderProblem problem) {
        EncoderConfig config = problem.config();
        int rows = problem.texts() * problem.length();
        int width = config.hiddenSize();
        int inner = config.intermediateSize();
        for (int columns : new int[] {width, inner}) {
            factors.put((long) columns, normal(rows, columns));
            results.put((long) columns, normal(rows, columns));
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            for (int projection = 0; projection < 3; projection++) {
                products.add(new Product(normal(width, width), layer > 0));
            }
            products.add(new Product(normal(width, width), true));
            products.add(new Product(normal(width, inner), true));
            products.add(new Product(normal(inner, width), true));
        }
    }

    private static INDArray normal(int rows, int columns) {
        return TestNetworks.normal(DataType.FLOAT, new Random(rows + 31L * columns), rows, columns)
                .dup('f');
    }

    private INDArray factor(long columns) {
        return factors.computeIfAbsent(columns, unknown -> Nd4j.empty());
    }

    private INDArray result(long columns) {
        return results.computeIfAbsent(columns, unknown -> Nd4j.empty());
    }

    void forward() {
        for (Product of : products) {
            INDArray weight = of.weight();
            Nd4j.gemm(factor(weight.rows()), weight, result(weight.columns()), false, false, 1, 0);
        }
    }

    void step() {
        forward();
        for (int k = products.size() - 1; k >= 0; k--) {
            INDArray weight = products.get(k).weight();
            if (products.get(k).hasGradient()) {
                Nd4j.gemm(factor(weight.columns()), weight, result(weight.rows()), false, true, 1, 0);
            }
        }
    }
}
