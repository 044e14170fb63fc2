/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import org.amend4j.objective.HessianVector;
import org.amend4j.objective.Objective;
import org.amend4j.objective.Precision;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;

class DenseChainTest {

    private static final int ROWS = 70;

    /** Σ w·f(x), a function of the network's parameters. */
    private record Sum(Approximator network, double[] inputs, double[] weights) implements Objective {

        @Override
        public int dimension() {
            return network.dimension();
        }

        @Override
        public double value(double[] theta) {
            return valueAndGradient(theta, new double[dimension()]);
        }

        @Override
        public double valueAndGradient(double[] theta, double[] gradient) {
            network.setParameters(theta);
            Approximator.Pass pass = network.forward(inputs, new int[] {ROWS});
            double[] outputs = pass.outputs();
            java.util.Arrays.fill(gradient, 0);
            pass.backward(weights, gradient);
            return IntStream.range(0, outputs.length).mapToDouble(i -> weights[i] * outputs[i]).sum();
        }

        @Override
        public Precision precision() {
            return Precision.DOUBLE;
        }

        @Override
        public String fingerprint() {
            return "sum";
        }
    }

    @Test
    void bothReadersCompileTheSameBits() {
        for (long seed = 1; seed <= 400; seed++) {
            ComputationGraph graph = RandomGraphs.chain(seed);
            DenseApproximator former = FormerDenseChain.of(graph).orElseThrow();
            DenseApproximator compiled = DenseChain.of(graph, former.inputs()).orElseThrow();
            String place = "seed " + seed;
            assertEquals(former.outputs(), compiled.outputs(), place);
            assertEquals(former.precision(), compiled.precision(), place);
            assertEquals(former.adapters(), compiled.adapters(), place);
            double[] theta = former.parameters();
            assertArrayEquals(theta, compiled.parameters(), place);
            double[] inputs = ApproximatorLaws.normal(ROWS * former.inputs(), seed);
            double[] weights = ApproximatorLaws.normal(ROWS * former.outputs(), -seed);
            assertArrayEquals(
                    former.forward(inputs, new int[] {ROWS}).outputs(),
                    compiled.forward(inputs, new int[] {ROWS}).outputs(),
                    place);
            assertArrayEquals(numbers(former, inputs, weights), numbers(compiled, inputs, weights), place);
        }
    }

    /** The gradient, and a product with the Hessian. */
    private static double[] numbers(Approximator network, double[] inputs, double[] weights) {
        Objective sum = new Sum(network, inputs, weights);
        double[] theta = network.parameters();
        double[] result = new double[2 * theta.length];
        double[] gradient = new double[theta.length];
        sum.gradient(theta, gradient);
        double[] product = new double[theta.length];
        HessianVector.at(sum, theta).apply(ApproximatorLaws.normal(theta.length, 5), product);
        network.setParameters(theta);
        System.arraycopy(gradient, 0, result, 0, theta.length);
        System.arraycopy(product, 0, result, theta.length, theta.length);
        return result;
    }
}
