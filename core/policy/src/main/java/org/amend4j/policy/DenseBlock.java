/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.OptionalInt;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;

/**
 * Neighbouring outputs of a dense layer, and where their weights come from. Weights are [outputs, inputs] row-major, which
 * is Deeplearning4j's order of a matrix [inputs, outputs].
 */
sealed interface DenseBlock extends Identified permits DenseBlock.Free, DenseBlock.Frozen, DenseBlock.Adapted {

    int outputs();

    /** Whether a parameter has an influence. */
    boolean trains();

    /**
     * Computes weights and biases.
     *
     * @param theta the network's parameters
     * @param weights written to from {@code weightsAt} on
     * @param biases written to from {@code biasesAt} on
     */
    void load(double[] theta, double[] weights, int weightsAt, double[] biases, int biasesAt);

    /**
     * Adds the parameters' gradient.
     *
     * @param weights gradient with respect to the weights, from {@code weightsAt} on
     * @param biases gradient with respect to the biases, from {@code biasesAt} on
     */
    void addGradient(double[] theta, double[] weights, int weightsAt, double[] biases, int biasesAt, double[] gradient);

    /**
     * Weights and biases that are parameters themselves.
     *
     * @param at index of W's first parameter
     * @param biasAt of b's, if there is a b
     */
    record Free(int inputs, int outputs, int at, OptionalInt biasAt) implements DenseBlock {

        @Override
        public boolean trains() {
            return true;
        }

        @Override
        public void load(double[] theta, double[] weights, int weightsAt, double[] biases, int biasesAt) {
            System.arraycopy(theta, at, weights, weightsAt, inputs * outputs);
            if (biasAt.isPresent()) {
                System.arraycopy(theta, biasAt.getAsInt(), biases, biasesAt, outputs);
            }
        }

        @Override
        public void addGradient(
                double[] theta, double[] weights, int weightsAt, double[] biases, int biasesAt, double[] gradient) {
            DenseStage.add(weights, weightsAt, gradient, at, inputs * outputs);
            if (biasAt.isPresent()) {
                DenseStage.add(biases, biasesAt, gradient, biasAt.getAsInt(), outputs);
            }
        }

        @Override
        public Facts facts() {
            return Facts.of("Free")
                    .with("inputs", inputs)
                    .with("outputs", outputs)
                    .with("at", at)
                    .with("biasAt", Facts.text(biasAt));
        }
    }

    /**
     * Weights and biases that never change.
     *
     * @param weights [outputs, inputs]
     * @param biases [outputs]
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never written to
    record Frozen(double[] weights, double[] biases) implements DenseBlock {

        @Override
        public int outputs() {
            return biases.length;
        }

        @Override
        public boolean trains() {
            return false;
        }

        @Override
        public void load(double[] theta, double[] into, int weightsAt, double[] biasesInto, int biasesAt) {
            System.arraycopy(weights, 0, into, weightsAt, weights.length);
            System.arraycopy(biases, 0, biasesInto, biasesAt, biases.length);
        }

        @Override
        public void addGradient(
                double[] theta, double[] weights, int weightsAt, double[] biases, int biasesAt, double[] gradient) {}

        @Override
        public Facts facts() {
            return Facts.of("Frozen")
                    .with("outputs", outputs())
                    .with("digest", GraphParameters.digest(weights, biases));
        }
    }

    /**
     * Frozen weights W and biases with an adapter, W + s·A·B. The parameters are A [inputs, rank] and B [rank, outputs],
     * each column by column.
     */
    record Adapted(Frozen base, int rank, double scaling, int atA, int atB) implements DenseBlock {

        @Override
        public int outputs() {
            return base.outputs();
        }

        private int inputs() {
            return base.weights.length / outputs();
        }

        @Override
        public boolean trains() {
            return true;
        }

        @Override
        public void load(double[] theta, double[] weights, int weightsAt, double[] biases, int biasesAt) {
            base.load(theta, weights, weightsAt, biases, biasesAt);
            double[] column = new double[rank];
            for (int output = 0; output < outputs(); output++) {
                for (int k = 0; k < rank; k++) {
                    column[k] = scaling * theta[atB + output * rank + k];
                }
                DenseStage.addScaledRows(
                        column, 0, 1, rank, theta, atA, inputs(), weights, weightsAt + output * inputs());
            }
        }

        /** With G the weights' gradient [inputs, outputs]: s·G·Bᵀ for A and s·Aᵀ·G for B. */
        @Override
        public void addGradient(
                double[] theta, double[] weights, int weightsAt, double[] biases, int biasesAt, double[] gradient) {
            double[] row = new double[outputs()];
            for (int k = 0; k < rank; k++) {
                for (int output = 0; output < row.length; output++) {
                    row[output] = scaling * theta[atB + output * rank + k];
                    gradient[atB + output * rank + k] += scaling
                            * DenseStage.dot(
                                    theta, atA + k * inputs(), weights, weightsAt + output * inputs(), inputs());
                }
                DenseStage.addScaledRows(
                        row, 0, 1, row.length, weights, weightsAt, inputs(), gradient, atA + k * inputs());
            }
        }

        @Override
        public Facts facts() {
            return Facts.of("Adapted")
                    .with("base", base)
                    .with("rank", rank)
                    .with("scaling", scaling)
                    .with("atA", atA)
                    .with("atB", atB);
        }
    }
}
