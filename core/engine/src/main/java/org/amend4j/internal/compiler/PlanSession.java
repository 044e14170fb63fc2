/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.validation.Checks;
import org.amend4j.model.UnsupportedNetworkException;

/**
 * A network on a machine: its constants, its parameters, the gradient, and memory for the plans made of it. Plans of one network
 * share all of that. Not thread-safe. Constants are read where they are if the machine can, and must not change or be closed meanwhile.
 *
 * <p>A run has one part, or as many as are computed side by side ({@link Machine#width}): each with examples, intermediate values and
 * a gradient of its own, computed as if it were alone, so that a part's bytes do not depend on the others.
 */
public final class PlanSession implements AutoCloseable {

    /** The work that pays for another thread. */
    private static final double WORTHWHILE_FLOPS = 4e6;
    /** Rows below which a product with a large matrix is mostly the packing of that. */
    private static final double FEW_ROWS = 100;

    private final PlacedNetwork placed;
    private final boolean sharing;
    private final Map<Key, Plan> plans = new HashMap<>();
    private final List<Shard> parts = new ArrayList<>();
    private final Owned owned = new Owned();
    /** Whether all steps were done once before anything was recorded. */
    private boolean loaded;

    /** What there is a plan for. */
    private record Key(Variant variant, Map<Integer, Integer> inputRooms) {}

    private PlanSession(Machine machine, Network network, Arithmetic arithmetic, int capacity, boolean sharing) {
        if (!machine.computesIn(arithmetic.type())) {
            throw new UnsupportedNetworkException(machine.name() + " does not compute in " + arithmetic.type());
        }
        if (!machine.precisions().contains(arithmetic.products())) {
            throw new UnsupportedNetworkException(
                    machine.name() + " does not make products in " + arithmetic.products());
        }
        if (!machine.frozenPrecisions().contains(arithmetic.frozenProducts())) {
            throw new UnsupportedNetworkException(
                    machine.name() + " does not make products with frozen weights in " + arithmetic.frozenProducts());
        }
        if (!machine.storages().contains(arithmetic.storage())) {
            throw new UnsupportedNetworkException(
                    machine.name() + " does not keep frozen weights in " + arithmetic.storage());
        }
        if (arithmetic.storage() != WeightStorage.FP32
                && !machine.storedPrecisions().contains(arithmetic.frozenProducts())) {
            throw new UnsupportedNetworkException(
                    machine.name() + " does not make products with weights that are kept in " + arithmetic.storage()
                            + " in " + arithmetic.frozenProducts());
        }
        Checks.atLeast(1, "capacity", capacity);
        this.sharing = sharing;
        this.placed = owned.add(new PlacedNetwork(machine, network, arithmetic, Plan.most(network, capacity)));
        try {
            part(0);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Puts a network on a machine.
     *
     * @param capacity the most examples a part of a run has
     * @throws UnsupportedNetworkException if the machine does not compute with such numbers
     */
    public static PlanSession open(Machine machine, Network network, Arithmetic arithmetic, int capacity) {
        return new PlanSession(machine, network, arithmetic, capacity, true);
    }

    /** As {@link #open}; no memory is used twice, so that a value written too far hits a guard word. For tests. */
    public static PlanSession openWithoutReuse(Machine machine, Network network, Arithmetic arithmetic, int capacity) {
        return new PlanSession(machine, network, arithmetic, capacity, false);
    }

    private Shard part(int index) {
        while (parts.size() <= index) {
            parts.add(owned.add(new Shard(placed, sharing)));
        }
        return parts.get(index);
    }

    public Machine machine() {
        return placed.machine();
    }

    public Network network() {
        return placed.network();
    }

    public Arithmetic arithmetic() {
        return placed.arithmetic();
    }

    /** The most examples a part of a run has. */
    public int capacity() {
        return placed.capacity().examples();
    }

    /** The trained parameters on the machine, in its {@link #layout}. */
    public MachineArray parameters() {
        return placed.parameters();
    }

    /** Where parameters, and gradients and moments of them, lie on the machine. */
    public ParameterLayout layout() {
        return placed.layout();
    }

    /** Copies a parameter vector to the machine. */
    public void setParameters(double[] vector) {
        machine().upload(layout().placed(vector), parameters());
    }

    /** The trained parameter vector, after all work before. */
    public double[] readParameters() {
        return layout().packed(machine().downloadDoubles(parameters()));
    }

    /** The gradient that the first part of a run left, in the order of the parameter vector, after all work before. */
    public double[] readGradient() {
        return layout().packed(machine().downloadDoubles(gradient()));
    }

    /**
     * Has the next runs drop other inputs of adapters, also those that were recorded; at first the key is 0. Waits for nothing, and does
     * nothing where no adapter drops any.
     */
    public void setDropoutKey(long key) {
        placed.setDropoutKey(key);
    }

    /** Where the first part of a run leaves the sum of the gradients of its examples' losses, on the machine, in its {@link #layout}. */
    public MachineArray gradient() {
        return gradient(0);
    }

    /** The same of any part. */
    public MachineArray gradient(int part) {
        return part(part).gradient();
    }

    /** Sums over a part's runs of the gradient of an adapted weight, its transpose [outputs, inputs]; zero at first. */
    public MachineArray weightGradient(int part, LowRank adapter) {
        return part(part).weightGradient(adapter);
    }

    /** The norm of each row of a gapless matrix, an upper bound. */
    public double[] normsOfRows(MachineArray matrix, int rows) {
        Machine machine = machine();
        try (MachineArray norms =
                machine.allocateBriefly("norms of rows", arithmetic().type(), rows)) {
            machine.fill(norms, 0);
            int columns = Math.toIntExact(matrix.length() / rows);
            machine.kernels().clipping().addSumNorms(MatrixView.of(matrix, rows, columns), norms, 1);
            return machine.downloadDoubles(norms);
        }
    }

    /** The plan that runs of a variant follow, with gapless examples. */
    public Plan plan(Variant variant) {
        return plan(variant, Map.of());
    }

    private Plan plan(Variant variant, Map<Integer, Integer> inputRooms) {
        return plans.computeIfAbsent(
                new Key(variant, inputRooms), key -> Plan.of(network(), variant, form(variant, inputRooms)));
    }

    private Plan.Form form(Variant variant, Map<Integer, Integer> inputRooms) {
        boolean narrow = arithmetic().hasNarrowRows();
        if (narrow && variant != Variant.GRADIENT) {
            throw new UnsupportedNetworkException(
                    "rows of bfloat16 numbers are for gradients of training, not for " + variant);
        }
        return new Plan.Form(placed.fusion(), narrow, inputRooms);
    }

    /**
     * How many numbers behind each row of an input runs of {@link Variant#GRADIENT} can use, of inputs of which they can: what is there may be lost.
     * They work without, too, and then make passes over these inputs that they would not make otherwise.
     */
    public Map<Integer, Integer> inputRooms() {
        return placed.fusion() == Fusion.JOINT ? JointWeight.inputRooms(network()) : Map.of();
    }

    /** Places the numbers that runs of a variant need beside their examples; the first run would. */
    public void place(Variant variant) {
        placed.prepare(plan(variant));
    }

    /**
     * Into how many parts a run of so many examples is best divided: a small one not at all, nor one that would leave a part few rows
     * to multiply with large matrices.
     */
    public int partsFor(Variant variant, int examples) {
        return partsFor(variant, Plan.most(network(), examples));
    }

    private int partsFor(Variant variant, RunSize size) {
        if (placed.isOpaque()) {
            return 1;
        }
        Plan plan = plan(variant);
        double worthwhile = plan.flops(size) / WORTHWHILE_FLOPS;
        int most = (int) Math.min(worthwhile, Math.min(machine().width(), size.examples()));
        boolean fewRows = plan.rowsOfProducts(size) / Math.max(1, most) < FEW_ROWS;
        return fewRows ? 1 : Math.max(1, most);
    }

    /**
     * As {@link #run(Variant, Examples)} in as many parts as is best, or with products that are divided. The bytes of gradients
     * depend on {@link Machine#width}.
     *
     * @return how many parts; their gradients are to be added up
     */
    public int runDivided(Variant variant, Examples examples) {
        return ranDivided(variant, examples).examples().size();
    }

    private PlanRun ranDivided(Variant variant, Examples examples) {
        PlanRun run = divided(variant, examples);
        run.performDivided(run.plan().steps());
        return run;
    }

    private PlanRun divided(Variant variant, Examples examples) {
        Checks.inRange(1, capacity(), "examples", examples.examples());
        List<Examples> divided = examples.divided(partsFor(variant, examples.size()));
        return prepared(plan(variant, examples.rooms()), divided, Double.POSITIVE_INFINITY, this::room);
    }

    /**
     * The most that a part has: the k-th of several equal ones has at most a (k + 1)-th of all examples. Of tokens it has as many, and at most
     * an example's more; then nothing is known of its number of examples.
     */
    private RunSize room(int part) {
        RunSize all = placed.capacity();
        if (all.tokens() == 0) {
            return new RunSize((all.examples() + part) / (part + 1), 0);
        }
        long tokens = all.tokens() / (part + 1) + 1L + network().mostTokens();
        return new RunSize(all.examples(), PlacedTokens.rounded((int) Math.min(all.tokens(), tokens)));
    }

    /** Does all steps of a plan; their results are where the examples say, and in {@link #gradient}. */
    public void run(Variant variant, Examples examples) {
        run(variant, List.of(examples), Double.POSITIVE_INFINITY);
    }

    /**
     * Does all steps of a plan for every part of a run, side by side.
     *
     * @param examples of each part, at most {@link Machine#width} of them; the k-th leaves its gradient in {@code gradient(k)}
     * @param clippingBound the largest norm of a share of the gradient, if these are clipped
     */
    public void run(Variant variant, List<Examples> examples, double clippingBound) {
        Map<Integer, Integer> rooms = examples.get(0).rooms();
        PlanRun run = prepared(plan(variant, rooms), examples, clippingBound, part -> placed.capacity());
        run.perform(run.plan().steps());
    }

    private static void requireRoom(RunSize room, RunSize size) {
        Checks.inRange(1, room.examples(), "examples", size.examples());
        Checks.inRange(0, room.tokens(), "tokens of examples", size.tokens());
    }

    /** @param room the most that each part may have, always the same */
    private PlanRun prepared(Plan plan, List<Examples> examples, double clippingBound, IntFunction<RunSize> room) {
        placed.prepare(plan);
        for (int k = 0; k < examples.size(); k++) {
            requireRoom(room.apply(k), examples.get(k).size());
            part(k).prepare(plan, part(k).room(examples.get(k).size(), room.apply(k)));
        }
        return new PlanRun(placed, plan, List.copyOf(parts), List.copyOf(examples), clippingBound);
    }

    /**
     * Makes both passes of {@link Variant#ERRORS} over these places ready, in as many parts as is best: what is there when a pass is
     * made counts. Words cannot be among the inputs. What earlier passes left is lost.
     */
    public RecordedPasses record(Examples examples) {
        PlanRun run = divided(Variant.ERRORS, examples);
        Plan plan = run.plan();
        if (!loaded) {
            run.perform(plan.steps()); // a device loads kernels, which cannot be recorded
            loaded = true;
        }
        return new RecordedPasses(
                machine().record(() -> run.performDivided(plan.forward())),
                machine().record(() -> {
                    run.performDivided(plan.backward());
                    addGradients(run.examples().size());
                }),
                run::outputs);
    }

    /** Adds the gradients of the parts from the second on to the first's, in their order. */
    public void addGradients(int count) {
        for (int k = 1; k < count; k++) {
            machine().kernels().elementwise().scaledSum(gradient(), 1, gradient(k), 1, gradient());
        }
    }

    /**
     * The outputs of a network that is only used, one after the other.
     *
     * @param examples in [1, capacity]
     * @return of each output its numbers for all examples
     */
    public List<double[]> outputs(Examples examples) {
        return ranDivided(Variant.OUTPUT, examples).outputs();
    }

    /** Where the numbers of outputs go. */
    public interface Destination {

        /**
         * The place of some examples' numbers, a direct buffer of just that size.
         *
         * @param output its number in the network
         * @param first of the examples, from 0
         */
        ByteBuffer of(int output, int first, int count);
    }

    /**
     * As {@link #outputs(Examples)}, written somewhere.
     *
     * @param examples in [1, capacity]
     */
    public void outputs(Examples examples, Destination to) {
        ranDivided(Variant.OUTPUT, examples).outputs(to);
    }

    /** Gives the memory for intermediate values back until the next run. What is left are constants in forms of their own. */
    public void rest() {
        parts.forEach(Shard::rest);
    }

    @Override
    public void close() {
        owned.close();
    }
}
