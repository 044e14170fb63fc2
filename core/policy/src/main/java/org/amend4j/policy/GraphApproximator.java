/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.identity.Facts;
import org.amend4j.internal.graph.GraphAdapters;
import org.amend4j.internal.model.GraphStructure;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.Precision;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Any Deeplearning4j graph with layers without loss as its outputs. It may be adapted: then the parameters are those of the adapters and of
 * layers trained in full. Several outputs of the graph are concatenated in the order of its configuration. Gradients come from errors
 * passed to the outputs from outside; losses, updaters, regularisation and clipping of the graph are not used.
 *
 * <p>The graph is shared, not copied, and its parameter vector is the only one: {@link #setParameters} writes into it,
 * and changes to it change this object. The graph must not be used concurrently for anything else.
 */
public final class GraphApproximator implements Approximator {

    private final ComputationGraph graph;
    private final InputShape shape;
    private final List<String> heads;
    private final int[] widths;

    /** Whether a head's numbers lie as [sequence, column, time]; without memory all rows are one sequence. */
    private final boolean[] timeLast;

    private final int outputs;
    private long passes;

    private GraphApproximator(ComputationGraph graph, InputShape shape) {
        this.graph = graph;
        this.shape = shape;
        this.heads = graph.getConfiguration().getNetworkOutputs();
        this.widths = new int[heads.size()];
        this.timeLast = new boolean[heads.size()];
        measureHeads();
        this.outputs = Arrays.stream(widths).sum();
    }

    /**
     * A graph as a map of rows.
     *
     * @param graph initialised
     * @param shape what a row means to it
     * @throws IllegalArgumentException if the graph cannot be a policy's network, naming the vertex: a loss or softmax at
     *     an output, dropout or weight noise, statistics of batches, a gradient that is not exact, nothing to train, inputs
     *     of another size, a recurrent graph that cannot go step by step, an output that another vertex reads
     */
    public static GraphApproximator of(ComputationGraph graph, InputShape shape) {
        GraphApproximator network = forward(graph, shape);
        PolicyGraphRules.requireHeadsOnTop(graph.getConfiguration());
        return network;
    }

    /** As {@link #of}, of a graph that may lose its gradient on Deeplearning4j's way back. */
    static GraphApproximator forward(ComputationGraph graph, InputShape shape) {
        PolicyGraphRules.require(graph, shape);
        return new GraphApproximator(graph, shape);
    }

    /** Computes one row of zeros, to see what comes out. */
    private void measureHeads() {
        Map<String, INDArray> activations;
        try {
            activations = activations(new double[shape.size()], new Sequences(new int[] {1}), false);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "the graph must compute rows of " + shape.size() + " numbers as " + shape + ", but: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
        for (int i = 0; i < widths.length; i++) {
            INDArray head = Objects.requireNonNull(activations.get(heads.get(i)));
            boolean sequence = shape instanceof InputShape.Sequence && head.rank() == 3;
            if (head.rank() != 2 && !sequence) {
                throw new IllegalArgumentException("a policy's outputs must be one row for each row of inputs, but '"
                        + heads.get(i) + "' has the shape " + Arrays.toString(head.shape()));
            }
            widths[i] = (int) head.size(1);
            timeLast[i] = sequence;
        }
    }

    /** The graph that computes. */
    public ComputationGraph graph() {
        return graph;
    }

    @Override
    public InputShape shape() {
        return shape;
    }

    @Override
    public Facts facts() {
        return Facts.of("Graph")
                .with("input", shape)
                .with("precision", precision())
                .with("structure", GraphStructure.digest(graph.getConfiguration()));
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
        return (int) graph.numParams();
    }

    @Override
    public double[] parameters() {
        return ParameterVectors.of(graph);
    }

    @Override
    public void setParameters(double[] theta) {
        passes++;
        GraphParameters.write(graph, theta);
    }

    @Override
    public List<AdapterBlock> adapters() {
        return GraphAdapters.of(graph);
    }

    @Override
    public Precision precision() {
        return GraphParameters.precision(graph);
    }

    @Override
    public boolean recurrent() {
        return shape instanceof InputShape.Sequence;
    }

    @Override
    public Pass forward(double[] inputs, int[] lengths) {
        passes++;
        Sequences sequences = new Sequences(recurrent() ? lengths : new int[] {Sequences.rows(lengths)});
        Vectors.requireLength("inputs", inputs, Math.multiplyExact(sequences.rows(), inputs()));
        return new GraphPass(sequences, rows(activations(inputs, sequences, true), sequences));
    }

    private Map<String, INDArray> activations(double[] inputs, Sequences sequences, boolean training) {
        graph.clearLayerMaskArrays();
        return graph.feedForward(new INDArray[] {array(inputs, sequences)}, training, false);
    }

    private INDArray array(double[] inputs, Sequences sequences) {
        DataType type = graph.params().dataType();
        if (shape instanceof InputShape.Sequence) {
            double[] batch = sequences.batch(inputs, inputs(), 0, inputs(), true);
            return ParameterVectors.array(batch, type, sequences.count(), inputs(), sequences.longest());
        }
        return shape instanceof InputShape.Image image
                ? ParameterVectors.array(inputs, type, sequences.rows(), image.first(), image.second(), image.third())
                : ParameterVectors.array(inputs, type, sequences.rows(), inputs());
    }

    private double[] rows(Map<String, INDArray> activations, Sequences sequences) {
        double[] rows = new double[sequences.rows() * outputs];
        int first = 0;
        for (int i = 0; i < widths.length; i++) {
            double[] head = ParameterVectors.of(Objects.requireNonNull(activations.get(heads.get(i))));
            requireRows(heads.get(i), head.length, widths[i] * sequences.count() * sequences.longest());
            sequences.rows(head, timeLast[i], rows, outputs, first, widths[i]);
            first += widths[i];
        }
        return rows;
    }

    private static void requireRows(String head, int found, int expected) {
        if (found != expected) {
            throw new IllegalStateException(
                    "output '" + head + "' must have " + expected + " numbers, got " + found + ": it mixes rows");
        }
    }

    @Override
    public Stepper stepper(int rows) {
        Checks.atLeast(1, "rows", rows);
        if (recurrent()) {
            RecurrentMemory memory = new RecurrentMemory(graph, rows);
            return (inputs, sequences, begins) -> step(memory, inputs, sequences, begins);
        }
        return (inputs, sequences, begins) -> {
            passes++;
            Vectors.requireLength("inputs", inputs, Math.multiplyExact(sequences.length, inputs()));
            Sequences together = new Sequences(new int[] {sequences.length});
            INDArray[] heads = graph.output(false, array(inputs, together));
            return rows(named(heads), together);
        };
    }

    private double[] step(RecurrentMemory memory, double[] inputs, int[] sequences, boolean[] begins) {
        passes++;
        Vectors.requireLength("inputs", inputs, Math.multiplyExact(sequences.length, inputs()));
        Sequences sideBySide = new Sequences(filled(sequences.length));
        memory.restore(sequences, begins);
        try {
            INDArray[] heads = graph.rnnTimeStep(array(inputs, sideBySide));
            memory.keep(sequences);
            return rows(named(heads), sideBySide);
        } finally {
            graph.rnnClearPreviousState();
        }
    }

    private static int[] filled(int count) {
        int[] ones = new int[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    private Map<String, INDArray> named(INDArray[] arrays) {
        Map<String, INDArray> result = new LinkedHashMap<>();
        for (int i = 0; i < arrays.length; i++) {
            result.put(heads.get(i), arrays[i]);
        }
        return result;
    }

    private INDArray[] errors(double[] derivatives, Sequences sequences) {
        DataType type = graph.params().dataType();
        INDArray[] errors = new INDArray[widths.length];
        int first = 0;
        for (int i = 0; i < errors.length; i++) {
            double[] batch = sequences.batch(derivatives, outputs, first, widths[i], timeLast[i]);
            errors[i] = timeLast[i]
                    ? ParameterVectors.array(batch, type, sequences.count(), widths[i], sequences.longest())
                    : ParameterVectors.array(batch, type, batch.length / widths[i], widths[i]);
            first += widths[i];
        }
        return errors;
    }

    private final class GraphPass extends SinglePass {

        private final Sequences sequences;

        GraphPass(Sequences sequences, double[] rows) {
            super(rows, dimension(), () -> passes);
            this.sequences = sequences;
        }

        @Override
        double[] gradient(double[] derivatives) {
            graph.backpropGradient(errors(derivatives, sequences));
            return ParameterVectors.of(graph.getFlattenedGradients());
        }
    }
}
