/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.prefix;

import java.lang.ref.Cleaner;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.prefix.LayerPrefix;
import org.amend4j.internal.prefix.PlannedPrefix;
import org.amend4j.model.UnsupportedNetworkException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A frozen prefix on the CPU: a plan on the host, in FLOAT or DOUBLE as the network is. What a plan cannot take, networks of other
 * types, and all networks on a backend of ND4J that is not the CPU's are computed by Deeplearning4j's own layers. A plan is made for
 * the shape of the examples seen last.
 *
 * <p>There is nothing to close: memory for intermediate values is held during a run only, weights that a plan needs in another form
 * (batch norms multiplied in) are freed when the prefix is collected as garbage, and so are its threads. Others are read where the
 * network has them.
 *
 * <p>The network is never modified, and must not change while this is used. Thread-safe; calls run one after the other.
 */
public final class HostPrefix implements Prefix {

    /** Changes whenever the bytes of outputs may change for reasons of this class; part of a cache's key. */
    public static final int FORMAT_VERSION = 1;

    private static final boolean ON_HOST = "CPU"
            .equalsIgnoreCase(Nd4j.getExecutioner().getEnvironmentInformation().getProperty("backend"));

    private static final Cleaner CLEANER = Cleaner.create();

    private final ComputationGraph network;
    private final LayerPrefix layers;
    /** Of the plan's products with frozen matrices. */
    private final ProductPrecision precision;

    private final Place place = new Place();
    private Optional<Chosen> chosen = Optional.empty();

    /**
     * What computes examples of some shape.
     *
     * @param obstacle why it is not a plan
     */
    private record Chosen(List<String> shapes, Prefix prefix, Optional<String> obstacle) {}

    /** The machine once it is needed, and the plan on it; it knows nothing of the prefix, and is left when that is garbage. */
    private static final class Place implements Runnable {

        private Optional<HostMachine> machine = Optional.empty();
        private Optional<PlannedPrefix> plan = Optional.empty();

        synchronized HostMachine machine() {
            HostMachine opened = machine.orElseGet(HostMachine::open);
            machine = Optional.of(opened);
            return opened;
        }

        /** Puts another plan in the place of the one before. */
        synchronized PlannedPrefix put(Function<HostMachine, PlannedPrefix> another) {
            leavePlan();
            PlannedPrefix made = another.apply(machine());
            plan = Optional.of(made);
            return made;
        }

        private void leavePlan() {
            plan.ifPresent(PlannedPrefix::close);
            plan = Optional.empty();
        }

        @Override
        public synchronized void run() {
            leavePlan();
            machine.ifPresent(HostMachine::close);
        }
    }

    private HostPrefix(ComputationGraph network, LayerPrefix layers, ProductPrecision precision) {
        this.network = network;
        this.layers = layers;
        this.precision = precision;
        CLEANER.register(this, place);
    }

    /**
     * The part of a graph that the given vertices need.
     *
     * @param network an initialised graph; only read
     * @param outputs names of vertices, at least one, none of them a network input
     * @throws IllegalArgumentException if the graph is not initialised or a name is not a vertex of it
     */
    public static HostPrefix of(ComputationGraph network, List<String> outputs) {
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
        return new HostPrefix(network, new LayerPrefix(network, List.copyOf(outputs)), ProductPrecision.FP32);
    }

    /**
     * The same prefix, whose plan rounds rows and frozen matrices before it multiplies them. What Deeplearning4j's layers compute is not
     * rounded.
     *
     * @throws IllegalArgumentException if the CPU does not have this precision, or the network is not in FLOAT
     */
    public HostPrefix withPrecision(ProductPrecision other) {
        if (other != ProductPrecision.FP32 && dataType() != DataType.FLOAT) {
            throw new IllegalArgumentException(
                    "the precision of products in " + dataType() + " must be FP32, got " + other);
        }
        if (!place.machine().frozenPrecisions().contains(other)) {
            throw new IllegalArgumentException("the precision of products with frozen matrices on "
                    + place.machine().name() + " must be one of "
                    + place.machine().frozenPrecisions() + ", got " + other);
        }
        return new HostPrefix(network, layers, other);
    }

    @Override
    public List<String> outputs() {
        return layers.outputs();
    }

    @Override
    public DataType dataType() {
        return layers.dataType();
    }

    /** Whether it is a plan follows from the network, the data and the machine. */
    @Override
    public String origin() {
        String version = FORMAT_VERSION + "." + PlannedPrefix.FORMAT_VERSION;
        String rounded = precision == ProductPrecision.FP32 ? "" : " " + precision.name();
        return ON_HOST ? version + " " + place.machine().name() + rounded : version + " layers";
    }

    /**
     * Why examples of this shape are computed by Deeplearning4j's own layers: a sentence that names the vertex which a plan cannot
     * take; empty if a plan computes them.
     *
     * @param example one of the data's features, or several, one array per input
     */
    public synchronized Optional<String> obstacle(INDArray... example) {
        layers.check(example);
        return outsideOfWorkspaces(() -> chosen(example).obstacle());
    }

    @Override
    public synchronized INDArray[] run(INDArray... inputs) {
        layers.check(inputs);
        return outsideOfWorkspaces(() -> chosen(inputs).prefix().run(inputs));
    }

    private static <T> T outsideOfWorkspaces(Supplier<T> work) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return work.get();
        }
    }

    private Chosen chosen(INDArray... inputs) {
        List<String> shapes = Stream.of(inputs)
                .map(input -> Arrays.toString(LayerPrefix.shapeOfOne(input)))
                .toList();
        Optional<Chosen> last = chosen.filter(before -> before.shapes().equals(shapes));
        chosen = last; // choosing, which may fail, closes the one before
        Chosen now = last.orElseGet(() -> choose(shapes, inputs));
        chosen = Optional.of(now);
        return now;
    }

    private Chosen choose(List<String> shapes, INDArray... inputs) {
        try {
            return new Chosen(shapes, plan(inputs), Optional.empty());
        } catch (UnsupportedNetworkException unfit) {
            return new Chosen(shapes, layers, Optional.ofNullable(unfit.getMessage()));
        }
    }

    private PlannedPrefix plan(INDArray... example) {
        if (!ON_HOST || (dataType() != DataType.FLOAT && dataType() != DataType.DOUBLE)) {
            throw new UnsupportedNetworkException("the host computes in FLOAT and DOUBLE beside ND4J's CPU backend");
        }
        Arithmetic arithmetic = dataType() == DataType.DOUBLE ? Arithmetic.DOUBLE : Arithmetic.frozenIn(precision);
        return place.put(machine -> PlannedPrefix.resting(machine, network, layers, arithmetic, example));
    }
}
