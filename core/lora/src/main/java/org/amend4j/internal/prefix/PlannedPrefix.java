/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import java.util.List;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.compiler.Agreement;
import org.amend4j.internal.compiler.Plan;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Scope;
import org.amend4j.internal.validation.Checks;
import org.amend4j.prefix.Prefix;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A frozen prefix as a plan on a machine, for examples of one shape. Features go to the machine and activations come back a piece
 * of a batch at a time; weights stay there until this is closed. Not thread-safe.
 */
public final class PlannedPrefix implements Prefix, AutoCloseable {

    /** Changes whenever the bytes of outputs may change for reasons of plans or kernels; part of a cache's key. */
    public static final int FORMAT_VERSION = 3;

    /** What the intermediate values of the examples that a device computes at a time may take. */
    private static final long WORKING_BYTES = 256L << 20;

    /** The same for each thread of a processor: so they mostly stay in its caches. */
    private static final long CACHED_BYTES = 8L << 20;

    private final LayerPrefix layers;
    private final PlanSession session;
    private final PrefixInputs inputs;
    private final List<long[]> results;
    private final int atATime;
    private final boolean resting;

    private PlannedPrefix(
            LayerPrefix layers,
            PlanSession session,
            PrefixInputs inputs,
            List<long[]> results,
            int atATime,
            boolean resting) {
        this.layers = layers;
        this.session = session;
        this.inputs = inputs;
        this.results = results;
        this.atATime = atATime;
        this.resting = resting;
    }

    /**
     * Puts a prefix on a machine.
     *
     * @param graph only read, and not changed while this is used
     * @param outputs names of vertices, at least one, none of them an input
     * @param arithmetic what to compute in, whatever the network's type
     * @param batch the most examples computed at a time; fewer are if they need much memory
     * @param example one of the data's features, or several, one array per input; the first is run through Deeplearning4j's layers
     *     for the shapes of the outputs, and for their values
     * @throws org.amend4j.model.UnsupportedNetworkException naming the vertex that a machine cannot compute, or whose values of that
     *     example are not those of Deeplearning4j's layers
     */
    public static PlannedPrefix of(
            Machine machine,
            ComputationGraph graph,
            List<String> outputs,
            Arithmetic arithmetic,
            int batch,
            INDArray... example) {
        Checks.atLeast(1, "batch", batch);
        return of(machine, graph, new LayerPrefix(graph, List.copyOf(outputs)), arithmetic, batch, false, example);
    }

    /** One that holds working memory during runs only, on a machine of its own. */
    public static PlannedPrefix resting(
            Machine machine, ComputationGraph graph, LayerPrefix layers, Arithmetic arithmetic, INDArray... example) {
        return of(machine, graph, layers, arithmetic, Integer.MAX_VALUE, true, example);
    }

    private static PlannedPrefix of(
            Machine machine,
            ComputationGraph graph,
            LayerPrefix layers,
            Arithmetic arithmetic,
            int batch,
            boolean resting,
            INDArray... example) {
        List<long[]> shapes = Stream.of(example).map(LayerPrefix::shapeOfOne).toList();
        // a graph that is used elsewhere meanwhile keeps its layers' state: LayerPrefix sees to that, a plan does not
        Scope scope = Scope.of(machine.callsOut() && !resting);
        Network network = layers.unmasked(() -> NetworkReader.prefix(graph, layers.outputs(), shapes, scope));
        PrefixInputs inputs = new PrefixInputs(machine, network, arithmetic.type(), shapes);
        int capacity = Math.min(batch, capacity(machine, Plan.of(network, Variant.OUTPUT), arithmetic.type()));
        INDArray[] expected = layers.first(example);
        List<long[]> results = Stream.of(expected).map(LayerPrefix::shapeOfOne).toList();
        PlanSession session = PlanSession.open(machine, network, arithmetic, capacity);
        PlannedPrefix made = new PlannedPrefix(layers, session, inputs, results, capacity, resting);
        try {
            made.requireSame(expected, example);
        } catch (RuntimeException different) {
            made.close();
            throw different;
        }
        return made;
    }

    /** Of tokens nothing is compared: what stands at places without one is nobody's. */
    private void requireSame(INDArray[] expected, INDArray... example) {
        if (session.network().tokens() < 0) {
            INDArray[] found = run(LayerPrefix.examples(example, 0, 1));
            for (int k = 0; k < found.length; k++) {
                requireSame("'" + layers.outputs().get(k) + "'", expected[k], found[k]);
            }
        }
    }

    private void requireSame(String vertex, INDArray expected, INDArray found) {
        if (!expected.isEmpty()) {
            INDArray right = expected.castTo(DataType.DOUBLE).dup('c').ravel();
            INDArray apart = found.castTo(DataType.DOUBLE).dup('c').ravel().subi(right);
            double difference = apart.amaxNumber().doubleValue();
            Agreement.require(vertex, difference, right.amaxNumber().doubleValue(), session.arithmetic());
        }
    }

    private static int capacity(Machine machine, Plan plan, ElementType type) {
        long each = Math.max(1, plan.workingBytes(64) / 64 * type.bytes() / Float.BYTES);
        long most = machine.computesSideBySide() ? CACHED_BYTES * machine.width() : WORKING_BYTES;
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, most / each));
    }

    @Override
    public List<String> outputs() {
        return layers.outputs();
    }

    @Override
    public DataType dataType() {
        return layers.dataType();
    }

    @Override
    public String origin() {
        return "plan " + FORMAT_VERSION + " " + session.machine().name() + " "
                + session.arithmetic().type().name() + " "
                + session.arithmetic().products().name() + " "
                + session.arithmetic().frozenProducts().name();
    }

    @Override
    public INDArray[] run(INDArray... features) {
        inputs.check(features);
        boolean living = !session.network().opaque().isEmpty();
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return living ? layers.unmasked(() -> computed(features)) : computed(features);
        } finally {
            if (resting) {
                session.rest();
            }
        }
    }

    private INDArray[] computed(INDArray... features) {
        int examples = Math.toIntExact(features[0].size(0));
        DataType type = session.arithmetic().type() == ElementType.DOUBLE ? DataType.DOUBLE : DataType.FLOAT;
        INDArray[] values = results.stream()
                .map(shape -> Nd4j.createUninitializedDetached(type, LayerPrefix.batch(examples, shape)))
                .toArray(INDArray[]::new);
        for (int from = 0; from < examples; from += atATime) {
            run(features, from, Math.min(examples, from + atATime), values);
        }
        return Stream.of(values).map(array -> array.castTo(dataType())).toArray(INDArray[]::new);
    }

    private void run(INDArray[] features, int from, int to, INDArray... values) {
        INDArray[] some = Stream.of(features)
                .map(array -> array.get(NDArrayIndex.interval(from, to)))
                .toArray(INDArray[]::new);
        try (PrefixInputs.Placed placed = inputs.place(some)) {
            session.outputs(
                    placed.examples(),
                    (output, first, count) -> ArrayMemory.of(
                            values[output].get(NDArrayIndex.interval(from + first, from + first + count))));
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
