/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.identity.Facts;
import org.amend4j.internal.model.GraphStructure;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Values;
import org.amend4j.internal.validation.Checks;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.Precision;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A network without memory, computed by a plan on the processor in the network's own type. For small networks it is many times faster than
 * a graph, where calls cost more than arithmetic.
 *
 * <p>Rows of dense layers of at most 16,384 weights have the same bytes alone and among others; larger layers and convolutions round
 * differently with another number of rows.
 *
 * <p>Its memory is outside of the heap, some hundred kilobytes up to 32 MiB, and its threads, if it is large enough to use
 * several, wait. No code closes a policy: policies are made where they are needed, and kept by training, evaluations and notebooks at the
 * same time. So both are given back when the approximator is unreachable, and OpenBLAS's threads are set only while it computes.
 */
final class PlannedApproximator implements Approximator {

    private static final Cleaner CLEANER = Cleaner.create();

    private final Network network;
    private final InputShape shape;
    private final Facts facts;
    private final Precision precision;
    private final List<AdapterBlock> adapters;
    private final Consumer<double[]> mirror;
    private final PlannedPasses computer;
    private final int outputs;
    private double[] theta;
    private long passes;

    /**
     * A network of one input.
     *
     * @param shape what a row of inputs means
     * @param facts what it is
     * @param theta its parameters, the receiver's own from now on
     * @param adapters where they are in the parameters
     * @param mirror is given every new parameter vector, to copy it
     * @throws UnsupportedNetworkException if no plan can compute it
     */
    PlannedApproximator(
            Network network,
            InputShape shape,
            Facts facts,
            Precision precision,
            double[] theta,
            List<AdapterBlock> adapters,
            Consumer<double[]> mirror) {
        this.network = network;
        this.shape = shape;
        this.facts = facts;
        this.precision = precision;
        this.adapters = List.copyOf(adapters);
        this.mirror = mirror;
        this.theta = theta;
        this.outputs = network.outputs().stream()
                .mapToInt(output -> network.nodes().get(output).shape().size())
                .sum();
        this.computer =
                new PlannedPasses(network, precision == Precision.DOUBLE ? Arithmetic.DOUBLE : Arithmetic.SINGLE);
        CLEANER.register(this, computer::close);
        computer.setParameters(theta);
    }

    /** The plan of a graph; its parameters are always copied into the graph. Empty if there is no plan. */
    static Optional<PlannedApproximator> of(GraphApproximator whole) {
        if (whole.recurrent() || whole.graph().params().offset() != 0) {
            return Optional.empty();
        }
        ComputationGraph graph = whole.graph();
        try {
            Network network = NetworkReader.training(graph, List.of(example(whole.shape())));
            if (network.inputs().get(0).content() != Network.Content.NUMBERS) {
                return Optional.empty();
            }
            return Optional.of(new PlannedApproximator(
                    network,
                    whole.shape(),
                    Facts.of("Planned")
                            .with("input", whole.shape())
                            .with("precision", whole.precision())
                            .with("structure", GraphStructure.digest(graph.getConfiguration())),
                    whole.precision(),
                    whole.parameters(),
                    whole.adapters(),
                    theta -> ParameterVectors.copyInto(graph, theta)));
        } catch (UnsupportedNetworkException onlyTheGraphCan) {
            return Optional.empty();
        }
    }

    private static long[] example(InputShape shape) {
        return shape instanceof InputShape.Image image
                ? new long[] {image.first(), image.second(), image.third()}
                : new long[] {shape.size()};
    }

    @Override
    public Facts facts() {
        return facts;
    }

    @Override
    public InputShape shape() {
        return shape;
    }

    @Override
    public int inputs() {
        return shape.size();
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public int dimension() {
        return theta.length;
    }

    @Override
    public boolean isLinear() {
        return network.nodes().stream().allMatch(PlannedApproximator::isLinear);
    }

    private static boolean isLinear(Node node) {
        if (node.operation() instanceof Operation.Input) {
            return true;
        }
        return node.inputs().equals(List.of(0))
                && node.operation() instanceof Operation.Product product
                && product.adapter().isEmpty()
                && product.activation().kind() == Activation.Kind.IDENTITY
                && product.weight() instanceof Values.Slice
                && product.bias().stream().allMatch(Values.Slice.class::isInstance);
    }

    @Override
    public double[] parameters() {
        return theta.clone();
    }

    @Override
    public void setParameters(double[] parameters) {
        Vectors.requireLength("theta", parameters, theta.length);
        double[] rounded = GraphParameters.rounded(precision, parameters);
        passes++;
        theta = rounded;
        mirror.accept(rounded);
        try {
            computer.setParameters(rounded);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public List<AdapterBlock> adapters() {
        return adapters;
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public boolean recurrent() {
        return false;
    }

    @Override
    public Pass forward(double[] inputs, int[] lengths) {
        int rows = Sequences.rows(lengths);
        Vectors.requireLength("inputs", inputs, Math.multiplyExact(rows, inputs()));
        return new PlannedPass(inputs, rows, compute(inputs, rows));
    }

    @Override
    public Stepper stepper(int rows) {
        Checks.atLeast(1, "rows", rows);
        return (inputs, sequences, begins) -> {
            Vectors.requireLength("inputs", inputs, Math.multiplyExact(sequences.length, inputs()));
            return compute(inputs, sequences.length);
        };
    }

    /** In blocks, if there are very many rows. */
    private double[] compute(double[] inputs, int rows) {
        passes++;
        try {
            int most = computer.capacity();
            if (rows <= most) {
                return computer.forward(inputs, rows);
            }
            double[] all = new double[Math.multiplyExact(rows, outputs)];
            for (int from = 0; from < rows; from += most) {
                int count = Math.min(most, rows - from);
                double[] some = computer.forward(block(inputs, inputs(), from, count), count);
                System.arraycopy(some, 0, all, from * outputs, some.length);
            }
            return all;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private static double[] block(double[] rows, int width, int from, int count) {
        return Arrays.copyOfRange(rows, from * width, (from + count) * width);
    }

    /** Of several blocks only the last one's intermediate values are there; so the forward pass is repeated. */
    private double[] gradient(double[] inputs, double[] derivatives, int rows) {
        try {
            int most = computer.capacity();
            if (rows <= most) {
                return computer.backward(derivatives, rows);
            }
            double[] sum = new double[theta.length];
            for (int from = 0; from < rows; from += most) {
                int count = Math.min(most, rows - from);
                double[] unused = computer.forward(block(inputs, inputs(), from, count), count);
                double[] some = computer.backward(block(derivatives, outputs, from, count), count);
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += some[i];
                }
            }
            return sum;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private final class PlannedPass extends SinglePass {

        private final double[] inputs;
        private final int rows;

        PlannedPass(double[] inputs, int rows, double[] results) {
            super(results, dimension(), () -> passes);
            this.inputs = inputs;
            this.rows = rows;
        }

        @Override
        double[] gradient(double[] derivatives) {
            return PlannedApproximator.this.gradient(inputs, derivatives, rows);
        }
    }
}
