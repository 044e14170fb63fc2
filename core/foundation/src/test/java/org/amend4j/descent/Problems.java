/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.List;
import java.util.Random;

/** The random problems of the laws: one per kind and seed, small and fast. */
enum Problems {
    /** Softmax regression, one adapter and a directly trained bias. */
    SOFTMAX {
        @Override
        FactorProblem of(Random random, double weightDecay) {
            SmoothLoss loss = SmoothLoss.Softmax.random(random, 24, 6, 3);
            return build(random, loss, List.of(layer(random, 6, 2, 3)), weightDecay);
        }
    },
    /** Logistic regression, two adapters whose outputs add up. */
    LOGISTIC {
        @Override
        FactorProblem of(Random random, double weightDecay) {
            SmoothLoss loss = SmoothLoss.Logistic.random(random, 20, 9);
            return build(random, loss, List.of(layer(random, 5, 2, 1), layer(random, 4, 1, 1)), weightDecay);
        }
    },
    /** Nonconvex, one adapter. */
    COSINES {
        @Override
        FactorProblem of(Random random, double weightDecay) {
            SmoothLoss loss = SmoothLoss.Cosines.random(random, 20, 12);
            return build(random, loss, List.of(layer(random, 5, 2, 4)), weightDecay);
        }
    },
    /** Nonconvex, three adapters and five directly trained parameters. */
    DEEP_COSINES {
        @Override
        FactorProblem of(Random random, double weightDecay) {
            SmoothLoss loss = SmoothLoss.Cosines.random(random, 31, 10);
            return build(
                    random,
                    loss,
                    List.of(layer(random, 4, 3, 3), layer(random, 2, 1, 4), layer(random, 3, 2, 2)),
                    weightDecay);
        }
    };

    abstract FactorProblem of(Random random, double weightDecay);

    private static FactorProblem.Layer layer(Random random, int rows, int rank, int columns) {
        double scaling = Math.pow(2, 4 * random.nextDouble() - 2);
        return new FactorProblem.Layer(rows, rank, columns, scaling);
    }

    private static FactorProblem build(
            Random random, SmoothLoss loss, List<FactorProblem.Layer> layers, double weightDecay) {
        double[] base = new double[loss.dimension()];
        for (int i = 0; i < base.length; i++) {
            base[i] = 0.3 * random.nextGaussian();
        }
        return new FactorProblem(loss, layers, base, weightDecay);
    }
}
