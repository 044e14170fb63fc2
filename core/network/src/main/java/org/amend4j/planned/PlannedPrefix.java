/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.planned;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.amend4j.frozen.Prefix;
import org.amend4j.frozen.PrefixProgram;
import org.amend4j.graph.Records;
import org.amend4j.internal.validation.Checks;
import org.amend4j.machine.Machine;
import org.amend4j.machine.ProductPrecision;
import org.amend4j.network.Network;
import org.amend4j.network.NetworkReader;
import org.amend4j.network.Scope;
import org.amend4j.plan.Arithmetic;
import org.amend4j.plan.Plan;
import org.amend4j.plan.PlanSession;
import org.amend4j.plan.Variant;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A frozen prefix on a machine: the function of a {@link PrefixProgram}, in single precision whatever the network's type. Features
 * go to the machine and activations come back, a batch at a time; weights stay there until this is closed. Not thread-safe.
 */
public final class PlannedPrefix implements Prefix, AutoCloseable {

    /** Changes whenever the bytes of outputs may change for reasons of plans or kernels; part of a cache's key. */
    public static final int FORMAT_VERSION = 1;

    /** What the intermediate values of the examples computed at a time may take. */
    private static final long WORKING_BYTES = 256L << 20;

    private final PrefixProgram program;
    private final Network network;
    private final PlanSession session;
    private final List<long[]> inputs;
    private final List<long[]> results;

    private PlannedPrefix(
            PrefixProgram program, Network network, PlanSession session, List<long[]> inputs, List<long[]> results) {
        this.program = program;
        this.network = network;
        this.session = session;
        this.inputs = inputs;
        this.results = results;
    }

    /**
     * Puts a prefix on a machine.
     *
     * @param graph that the program was compiled from; only read, and not changed while this is used
     * @param program the same prefix on the CPU, which is asked once for the shapes of its outputs
     * @param batch the most examples computed at a time; fewer are if they need much memory
     * @param example one of the data's features, or several, one array per input
     * @throws IllegalArgumentException naming the vertex that a machine cannot compute
     */
    public static PlannedPrefix of(
            Machine machine,
            ComputationGraph graph,
            PrefixProgram program,
            ProductPrecision precision,
            int batch,
            INDArray... example) {
        Checks.atLeast(1, "batch", batch);
        List<long[]> inputs = Stream.of(example).map(PlannedPrefix::shapeOfOne).toList();
        Network network = NetworkReader.prefix(graph, program.outputs(), inputs, Scope.of(machine.callsOut()));
        Plan plan = Plan.of(network, Variant.OUTPUT);
        long each = Math.max(1, plan.workingBytes(64) / 64);
        int capacity = (int) Math.max(1, Math.min(batch, WORKING_BYTES / each));
        List<long[]> results =
                Stream.of(program.run(example)).map(PlannedPrefix::shapeOfOne).toList();
        return new PlannedPrefix(
                program,
                network,
                PlanSession.open(machine, network, Arithmetic.single(precision), capacity),
                inputs,
                results);
    }

    private static long[] shapeOfOne(INDArray array) {
        return Arrays.copyOfRange(array.shape(), 1, array.rank());
    }

    @Override
    public List<String> outputs() {
        return program.outputs();
    }

    @Override
    public DataType dataType() {
        return program.dataType();
    }

    @Override
    public String origin() {
        return "device " + FORMAT_VERSION + " " + session.machine().name() + " "
                + session.arithmetic().products().name();
    }

    @Override
    public INDArray[] run(INDArray... features) {
        requireShapes(features);
        INDArray[] floats =
                Stream.of(features).map(array -> array.castTo(DataType.FLOAT)).toArray(INDArray[]::new);
        Records records = Records.of(new MultiDataSet(floats, new INDArray[0]));
        int[] all = IntStream.range(0, records.size()).toArray();
        double[][] values = new double[results.size()][];
        try (PlacedRecords there = new PlacedRecords(
                session.machine(), session.arithmetic().type(), records, network, session.capacity())) {
            for (int from = 0; from < all.length; from += session.capacity()) {
                int to = Math.min(all.length, from + session.capacity());
                List<double[]> piece = session.outputs(there.batch(all, from, to, Optional.empty(), Optional.empty()));
                collect(piece, values, from, to, all.length);
            }
        }
        return arrays(values, all.length);
    }

    private void requireShapes(INDArray... features) {
        if (features.length != inputs.size()) {
            throw new IllegalArgumentException(
                    "the network takes " + inputs.size() + " inputs, got " + features.length);
        }
        for (int k = 0; k < features.length; k++) {
            long[] shape = features[k].shape();
            if (features[k].isEmpty() || !Arrays.equals(shapeOfOne(features[k]), inputs.get(k))) {
                throw new IllegalArgumentException("an input must hold at least one example of the shape "
                        + Arrays.toString(inputs.get(k)) + ", got shape " + Arrays.toString(shape));
            }
        }
    }

    private static void collect(List<double[]> piece, double[][] values, int from, int to, int examples) {
        for (int k = 0; k < values.length; k++) {
            double[] some = piece.get(k);
            int width = some.length / (to - from);
            if (from == 0) {
                values[k] = new double[Math.multiplyExact(width, examples)];
            }
            System.arraycopy(some, 0, values[k], from * width, some.length);
        }
    }

    private INDArray[] arrays(double[][] values, int examples) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            INDArray[] arrays = new INDArray[values.length];
            for (int k = 0; k < arrays.length; k++) {
                long[] shape = LongStream.concat(LongStream.of(examples), LongStream.of(results.get(k)))
                        .toArray();
                arrays[k] = Nd4j.createFromArray(values[k]).reshape('c', shape).castTo(dataType());
            }
            return arrays;
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
