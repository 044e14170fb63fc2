package org.amend4j.policy;

/**
 * Neighbouring outputs of a dense layer, and where their weights come from. Weights are [outputs, inputs] row-major, which
 * is Deeplearning4j's order of a matrix [inputs, outputs].
 */
sealed interface DenseBlock permits DenseBlock.Free {

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
     * @param at index of the first parameter: W, then b if there is one
     */
    record Free(int inputs, int outputs, boolean bias, int at) implements DenseBlock {

        @Override
        public boolean trains() {
            return true;
        }

        @Override
        public void load(double[] theta, double[] weights, int weightsAt, double[] biases, int biasesAt) {
            System.arraycopy(theta, at, weights, weightsAt, inputs * outputs);
            if (bias) {
                System.arraycopy(theta, at + inputs * outputs, biases, biasesAt, outputs);
            }
        }

        @Override
        public void addGradient(
                double[] theta, double[] weights, int weightsAt, double[] biases, int biasesAt, double[] gradient) {
            DenseStage.add(weights, weightsAt, gradient, at, inputs * outputs);
            if (bias) {
                DenseStage.add(biases, biasesAt, gradient, at + inputs * outputs, outputs);
            }
        }
    }
}
