/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.integration.LoraProblem;
import org.amend4j.integration.LoraShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The large products of a LoRA step and nothing else, as ND4J calls in sequence into arrays allocated once: forward
 * through every dense layer, input gradient of every dense layer but the first (whose input nobody trains), and the
 * output layer's forward product, input gradient and weight gradient. Operand orders are the fastest measured:
 * results column-major. No small product, no elementwise pass, no update.
 */
final class GemmFloor {

    private final List<INDArray> weights = new ArrayList<>();
    private final List<INDArray> activations = new ArrayList<>();
    private final INDArray features;
    private final INDArray outputWeight;
    private final INDArray logits;
    private final INDArray epsilonA;
    private final INDArray epsilonB;
    private final INDArray outputGradient;

    GemmFloor(LoraProblem problem) {
        LoraShape shape = problem.shape();
        features = filled(problem.features(), shape.batch(), shape.width(), 'c');
        for (int layer = 0; layer < shape.depth(); layer++) {
            weights.add(filled(problem.weight(layer), shape.width(), shape.width(), 'f'));
            activations.add(empty(shape.batch(), shape.width()));
        }
        outputWeight = filled(problem.outputWeight(), shape.width(), shape.classes(), 'f');
        logits = empty(shape.batch(), shape.classes());
        epsilonA = empty(shape.batch(), shape.width());
        epsilonB = empty(shape.batch(), shape.width());
        outputGradient = empty(shape.width(), shape.classes());
    }

    /** Runs the products once. */
    void step() {
        INDArray x = features;
        for (int layer = 0; layer < weights.size(); layer++) {
            x = Nd4j.gemm(x, weights.get(layer), activations.get(layer), false, false, 1, 0);
        }
        Nd4j.gemm(x, outputWeight, logits, false, false, 1, 0);
        Nd4j.gemm(x, logits, outputGradient, true, false, 1, 0);
        INDArray epsilon = Nd4j.gemm(logits, outputWeight, epsilonA, false, true, 1, 0);
        for (int layer = weights.size() - 1; layer > 0; layer--) {
            INDArray below = epsilon == epsilonA ? epsilonB : epsilonA;
            epsilon = Nd4j.gemm(epsilon, weights.get(layer), below, false, true, 1, 0);
        }
    }

    private static INDArray empty(long rows, long columns) {
        return Nd4j.create(DataType.FLOAT, new long[] {rows, columns}, 'f');
    }

    private static INDArray filled(float[] rowMajor, int rows, int columns, char order) {
        return Nd4j.create(rowMajor, new long[] {rows, columns}, 'c').dup(order);
    }
}
