/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The part of a frozen graph up to some vertices, compiled for inference: 1×1 convolutions are one matrix product on
 * rows of channels, depthwise convolutions are computed directly, batch norms are folded into the operation before
 * them, and bias and activation are fused into a pass that reads the rows anyway. Vertices that are not recognised, and all
 * networks that are not of type FLOAT on a CPU backend, run through DL4J's own vertices.
 *
 * <p>Outputs equal {@code feedForward(inputs, false)} within float rounding. One difference is deliberate: in test mode
 * DL4J's ActivationLayer works in place, so that a vertex whose output it reads shows the activated values to every
 * later reader; here a vertex's output is its own, as in DL4J's training mode.
 *
 * <p>The network is never modified. Thread-safe; calls run one after the other. Weights are
 * read at compile time and partly copied: a program does not see later changes of the network.
 */
public final class PrefixProgram implements Prefix {

    /** Changes whenever the bytes of outputs may change for reasons of this class; part of a cache's key. */
    public static final int FORMAT_VERSION = 1;

    /** A batch is cut so that the largest intermediate of a piece has about this many floats (16 MiB). */
    private static final long PIECE = 1 << 22;

    private final List<String> outputs;
    private final int inputCount;
    private final List<ProgramNode> nodes;
    private final int[] outputNodes;
    private final boolean exampleWise;
    private final DataType type;
    private final Frame frame = new Frame();
    private List<String> measuredShapes = List.of();
    private long floatsPerExample;

    private PrefixProgram(ComputationGraph network, List<String> outputs) {
        this.outputs = List.copyOf(outputs);
        this.inputCount = network.getNumInputArrays();
        this.type = network.getConfiguration().getDataType();
        PrefixCompiler compiler = new PrefixCompiler(network, outputs, type == DataType.FLOAT && onHost());
        this.nodes = compiler.compile();
        this.outputNodes = outputs.stream().mapToInt(compiler::nodeOf).toArray();
        this.exampleWise = nodes.stream()
                .filter(node -> !node.isInput())
                .allMatch(node -> node.covers().isEmpty() || node.stock().isExampleWise());
    }

    /**
     * Compiles the part of a graph that the given vertices need.
     *
     * @param network an initialised graph; only read
     * @param outputs names of vertices, at least one, none of them a network input
     * @throws IllegalArgumentException if the graph is not initialised or a name is not a vertex of it
     */
    public static PrefixProgram compile(ComputationGraph network, List<String> outputs) {
        if (network.getVertices() == null) {
            throw new IllegalArgumentException("the network must be initialised: call init() first");
        }
        if (outputs.isEmpty()) {
            throw new IllegalArgumentException("a prefix needs at least one output vertex, got none");
        }
        for (String name : outputs) {
            if (!network.getConfiguration().getVertices().containsKey(name)) {
                throw new IllegalArgumentException("output must be a vertex of the network, got '" + name + "'");
            }
        }
        return new PrefixProgram(network, outputs);
    }

    @Override
    public List<String> outputs() {
        return outputs;
    }

    /** The number of inputs that {@link #run} takes. */
    public int inputCount() {
        return inputCount;
    }

    @Override
    public DataType dataType() {
        return type;
    }

    /** The version alone: this is where all activations came from before there were others. */
    @Override
    public String origin() {
        return Integer.toString(FORMAT_VERSION);
    }

    /** One line per step: the vertices it covers and how they are computed ("stock" for DL4J's own). */
    public List<String> steps() {
        return nodes.stream()
                .filter(node -> !node.covers().isEmpty())
                .map(ProgramNode::describe)
                .toList();
    }

    @Override
    public INDArray[] run(INDArray... inputs) {
        if (inputs.length != inputCount) {
            throw new IllegalArgumentException("the network takes " + inputCount + " inputs, got " + inputs.length);
        }
        for (INDArray input : inputs) {
            if (input.rank() < 1 || input.isEmpty()) {
                throw new IllegalArgumentException(
                        "an input must hold at least one example, got shape " + Arrays.toString(input.shape()));
            }
        }
        synchronized (frame) {
            MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
            try {
                INDArray[] cast = new INDArray[inputs.length];
                Arrays.setAll(cast, i -> inputs[i].castTo(type));
                return inPieces(cast);
            } finally {
                outside.close();
            }
        }
    }

    private INDArray[] inPieces(INDArray[] inputs) {
        long n = inputs[0].size(0);
        boolean cuttable = exampleWise && Arrays.stream(inputs).allMatch(input -> input.size(0) == n);
        long pieces = cuttable && n > 1 ? pieces(inputs, n) : 1;
        INDArray[] results = new INDArray[outputs.size()];
        for (long piece = 0; piece < pieces; piece++) {
            long from = n * piece / pieces;
            long to = n * (piece + 1) / pieces;
            INDArray[] part = pieces == 1 ? inputs : examples(inputs, from, to);
            collect(forward(part), results, from, to, pieces == 1 ? -1 : n);
        }
        return results;
    }

    /** How many pieces to cut a batch into; for shapes not seen before, one example is run to see how much it takes. */
    private long pieces(INDArray[] inputs, long n) {
        List<String> shapes = Arrays.stream(inputs)
                .map(input -> Arrays.toString(Arrays.copyOfRange(input.shape(), 1, input.rank())))
                .toList();
        if (!shapes.equals(measuredShapes)) {
            frame.pool().clear();
            release(forward(examples(inputs, 0, 1)));
            floatsPerExample = Math.max(1, frame.pool().largest());
            frame.pool().clear();
            measuredShapes = shapes;
        }
        long most = Math.max(1, PIECE / floatsPerExample);
        return (n + most - 1) / most;
    }

    private static INDArray[] examples(INDArray[] inputs, long from, long to) {
        INDArray[] part = new INDArray[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            INDArrayIndex[] index = new INDArrayIndex[inputs[i].rank()];
            Arrays.fill(index, NDArrayIndex.all());
            index[0] = NDArrayIndex.interval(from, to);
            part[i] = inputs[i].get(index);
        }
        return part;
    }

    /** Copies the output values into the results, which are created when their shape is known. */
    private void collect(RowValue[] values, INDArray[] results, long from, long to, long n) {
        for (int i = 0; i < results.length; i++) {
            RowValue value = values[outputNodes[i]];
            INDArray array = value instanceof RowValue.Rows rows
                    ? rows.block().view(rows.shape())
                    : ((RowValue.Plain) value).array();
            if (results[i] == null) {
                long[] shape = array.shape().clone();
                shape[0] = n < 0 ? shape[0] : n;
                results[i] = Nd4j.createUninitializedDetached(array.dataType(), shape);
            }
            INDArray place = n < 0 ? results[i] : examples(new INDArray[] {results[i]}, from, to)[0];
            place.assign(array);
        }
        release(values);
    }

    /** Runs the nodes; of the result only the output nodes' values are still held. */
    private RowValue[] forward(INDArray[] inputs) {
        RowValue[] values = new RowValue[nodes.size()];
        int[] uses = nodes.stream().mapToInt(ProgramNode::uses).toArray();
        for (int i = 0; i < values.length; i++) {
            ProgramNode node = nodes.get(i);
            if (node.isInput()) {
                values[i] = new RowValue.Plain(inputs[i]);
                continue;
            }
            values[i] = compute(node, node.inputs().stream().map(k -> values[k]).toList(), inputs);
            for (int read : node.inputs()) {
                uses[read]--;
                if (uses[read] == 0 && values[read] instanceof RowValue.Rows rows) {
                    frame.pool().giveBack(rows.block());
                }
            }
        }
        return values;
    }

    private RowValue compute(ProgramNode node, List<RowValue> inputs, INDArray[] networkInputs) {
        if (node.step().filter(step -> step.accepts(inputs)).isPresent()) {
            RowValue.Rows rows = node.step().get().run(inputs, frame);
            return node.defers() && rows.pending().ridesAlong() ? rows : frame.finished(rows);
        }
        if (node.covers().isEmpty()) {
            throw new IllegalArgumentException("a separable convolution got an input of the wrong shape");
        }
        List<INDArray> arrays = new ArrayList<>();
        for (RowValue value : inputs) {
            arrays.add(frame.array(value instanceof RowValue.Rows rows ? frame.finished(rows) : value));
        }
        return new RowValue.Plain(node.stock().run(arrays.toArray(INDArray[]::new), networkInputs));
    }

    private void release(RowValue[] values) {
        IntStream.of(outputNodes).distinct().forEach(node -> {
            if (values[node] instanceof RowValue.Rows rows) {
                frame.pool().giveBack(rows.block());
            }
        });
    }

    private static boolean onHost() {
        return "CPU"
                .equalsIgnoreCase(
                        Nd4j.getExecutioner().getEnvironmentInformation().getProperty("backend"));
    }
}
