/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.machine.DropoutKernels;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.FrozenFactor;
import org.amend4j.machine.FrozenMatrix;
import org.amend4j.machine.Kernels;
import org.amend4j.machine.Machine;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.amend4j.machine.Owned;
import org.amend4j.machine.Recording;
import org.amend4j.machine.TokenSegments;
import org.amend4j.network.LowRank;
import org.amend4j.network.Network;
import org.amend4j.network.UnsupportedNetworkException;
import org.amend4j.network.Values;

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

    private final Machine machine;
    private final Network network;
    private final Arithmetic arithmetic;
    private final int capacity;
    private final boolean sharing;
    private final Map<Variant, Plan> plans = new EnumMap<>(Variant.class);
    private final Map<Values.Constant, MachineArray> constants = new HashMap<>();
    /** Constants that rows are multiplied with. */
    private final Map<ConstantMatrix.Use, FrozenFactor> factors = new HashMap<>();

    private final List<Part> parts = new ArrayList<>();
    /** Whether all steps were done once before anything was recorded. */
    private boolean loaded;

    private final Owned owned = new Owned();
    private final Optional<MachineArray> parameters;
    /** Where adapters drop inputs: what decides which. */
    private final Optional<MachineArray> dropoutKey;

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
        this.machine = machine;
        this.network = network;
        this.arithmetic = arithmetic;
        this.capacity = Checks.atLeast(1, "capacity", capacity);
        this.sharing = sharing;
        try {
            this.parameters = perParameter("parameters");
            this.dropoutKey = network.drops() ? Optional.of(newDropoutKey()) : Optional.empty();
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

    private Optional<MachineArray> perParameter(String owner) {
        return network.parameters() > 0 ? Optional.of(own(owner, network.parameters())) : Optional.empty();
    }

    private MachineArray newDropoutKey() {
        MachineArray key = owned.add(machine.allocate("key of dropout", ElementType.INT, DropoutKernels.KEY_LENGTH));
        machine.kernels().dropout().setKey(key, 0);
        return key;
    }

    private MachineArray own(String owner, long length) {
        return owned.add(machine.allocate(owner, arithmetic.type(), length));
    }

    /** What one part of a run has of its own. */
    private final class Part {

        private final Workspace workspace = owned.add(new Workspace(machine, arithmetic.type(), sharing));
        private final Optional<MachineArray> gradient = perParameter("gradient");
        private final Map<LowRank, MachineArray> weightGradients = new HashMap<>();

        /** Zero at first. */
        MachineArray weightGradient(LowRank adapter) {
            return weightGradients.computeIfAbsent(adapter, unused -> {
                MachineArray sum = own("gradient of an adapted weight", adapter.outputs() * adapter.inputs());
                machine.fill(sum, 0);
                return sum;
            });
        }

        /** Makes room for so many examples, so that a run allocates nothing. */
        void prepare(Plan plan, int examples) {
            workspace.prepare(plan, examples);
            plan.adapters().forEach(this::weightGradient);
        }
    }

    private Part part(int index) {
        while (parts.size() <= index) {
            parts.add(new Part());
        }
        return parts.get(index);
    }

    public Machine machine() {
        return machine;
    }

    public Network network() {
        return network;
    }

    public Arithmetic arithmetic() {
        return arithmetic;
    }

    /** The most examples a part of a run has. */
    public int capacity() {
        return capacity;
    }

    /** The trained parameter vector, on the machine. */
    public MachineArray parameters() {
        return parameters.orElseThrow();
    }

    /**
     * Has the next runs drop other inputs of adapters, also those that were recorded; at first the key is 0. Waits for nothing, and does
     * nothing where no adapter drops any.
     */
    public void setDropoutKey(long key) {
        dropoutKey.ifPresent(there -> machine.kernels().dropout().setKey(there, key));
    }

    /** Where the first part of a run leaves the sum of the gradients of its examples' losses, on the machine. */
    public MachineArray gradient() {
        return gradient(0);
    }

    /** The same of any part. */
    public MachineArray gradient(int part) {
        return part(part).gradient.orElseThrow();
    }

    /** Sums over a part's runs of the gradient of an adapted weight, its transpose [outputs, inputs]; zero at first. */
    public MachineArray weightGradient(int part, LowRank adapter) {
        return part(part).weightGradient(adapter);
    }

    /** The norm of each row of a gapless matrix, an upper bound. */
    public double[] normsOfRows(MachineArray matrix, int rows) {
        try (MachineArray norms = machine.allocate("norms of rows", arithmetic.type(), rows)) {
            machine.fill(norms, 0);
            int columns = Math.toIntExact(matrix.length() / rows);
            machine.kernels().clipping().addSumNorms(MatrixView.of(matrix, rows, columns), norms, 1);
            return machine.downloadDoubles(norms);
        }
    }

    /** The plan that runs of a variant follow. */
    public Plan plan(Variant variant) {
        return plans.computeIfAbsent(variant, unused -> Plan.of(network, variant));
    }

    /**
     * Into how many parts a run of so many examples is best divided: a small one not at all, nor one that would leave a part few rows
     * to multiply with large matrices.
     */
    public int partsFor(Variant variant, int examples) {
        if (isOpaque()) {
            return 1;
        }
        double worthwhile = plan(variant).flops(examples) / WORTHWHILE_FLOPS;
        int most = (int) Math.min(worthwhile, Math.min(machine.width(), examples));
        boolean fewRows = plan(variant).rowsOfProducts() * examples / Math.max(1, most) < FEW_ROWS;
        return fewRows ? 1 : Math.max(1, most);
    }

    /** Whether parts of a run are computed one after the other, since Deeplearning4j computes something in them. */
    private boolean isOpaque() {
        return !network.opaque().isEmpty();
    }

    /**
     * As {@link #run(Variant, Examples)} in as many parts as is best, or with products that are divided. The bytes of gradients
     * depend on {@link Machine#width}.
     *
     * @return how many parts; their gradients are to be added up
     */
    public int runDivided(Variant variant, Examples examples) {
        Checks.inRange(1, capacity, "examples", examples.examples());
        int count = partsFor(variant, examples.examples());
        Runnable run = () -> run(plan(variant), examples.divided(count), Double.POSITIVE_INFINITY, this::room);
        if (count == 1) {
            machine.dividingProducts(run);
        } else {
            run.run();
        }
        return count;
    }

    /** Does all steps of a plan; their results are where the examples say, and in {@link #gradient}. */
    public void run(Variant variant, Examples examples) {
        run(variant, List.of(examples), Double.POSITIVE_INFINITY);
    }

    /**
     * Does all steps of a plan for every part of a run, side by side.
     *
     * @param examples of each part, at most {@link Machine#width} of them; the k-th leaves its gradient in {@code gradient(k)}
     * @param clippingBound the largest norm of an example's share of the gradient, if these are clipped
     */
    public void run(Variant variant, List<Examples> examples, double clippingBound) {
        run(plan(variant), examples, clippingBound, part -> capacity);
    }

    /** @param room how many examples each part has room for, always the same */
    private void run(Plan plan, List<Examples> examples, double clippingBound, IntUnaryOperator room) {
        prepare(plan, examples, room);
        if (isOpaque()) {
            for (int k = 0; k < examples.size(); k++) {
                run(plan, k, examples, clippingBound);
            }
        } else {
            machine.sideBySide(examples.size(), k -> run(plan, k, examples, clippingBound));
        }
    }

    private void prepare(Plan plan, List<Examples> examples, IntUnaryOperator room) {
        plan.constants().forEach(this::constant);
        plan.matrices().forEach(this::freeze);
        for (int k = 0; k < examples.size(); k++) {
            Checks.inRange(1, room.applyAsInt(k), "examples", examples.get(k).examples());
            part(k).prepare(plan, room.applyAsInt(k));
        }
    }

    /** How many examples a part has room for: the k-th of several equal ones has at most a (k + 1)-th of them. */
    private int room(int part) {
        return (capacity + part) / (part + 1);
    }

    private void run(Plan plan, int part, List<Examples> all, double clippingBound) {
        try (RunBindings bindings = new RunBindings(plan, part, all, clippingBound)) {
            run(plan.steps(), bindings);
        }
    }

    private static void run(List<PlanStep> steps, Bindings bindings) {
        for (PlanStep step : steps) {
            step.action().run(bindings);
        }
    }

    /**
     * Makes both passes of {@link Variant#ERRORS} over these places ready, in as many parts as is best: what is there when a pass is
     * made counts. Words cannot be among the inputs. What earlier passes left is lost.
     */
    public RecordedPasses record(Examples examples) {
        Plan plan = plan(Variant.ERRORS);
        List<Examples> divided = examples.divided(partsFor(Variant.ERRORS, examples.examples()));
        if (!loaded) {
            run(
                    plan,
                    divided,
                    Double.POSITIVE_INFINITY,
                    this::room); // a device loads kernels, which cannot be recorded
            loaded = true;
        }
        prepare(plan, divided, this::room);
        return new RecordedPasses(
                recorded(plan, divided, plan.forward(), () -> {}),
                recorded(plan, divided, plan.backward(), () -> addGradients(divided.size())),
                () -> outputs(plan, divided));
    }

    private Recording recorded(Plan plan, List<Examples> divided, List<PlanStep> steps, Runnable end) {
        Runnable run = () -> machine.sideBySide(divided.size(), k -> {
            try (RunBindings bindings = new RunBindings(plan, k, divided, Double.POSITIVE_INFINITY)) {
                run(steps, bindings);
            }
        });
        return machine.record(() -> {
            if (divided.size() == 1) {
                machine.dividingProducts(run);
            } else {
                run.run();
            }
            end.run();
        });
    }

    /** Adds the gradients of the parts from the second on to the first's, in their order. */
    public void addGradients(int count) {
        for (int k = 1; k < count; k++) {
            machine.kernels().elementwise().scaledSum(gradient(), 1, gradient(k), 1, gradient());
        }
    }

    /**
     * The outputs of a network that is only used, one after the other.
     *
     * @param examples in [1, capacity]
     * @return of each output its numbers for all examples
     */
    public List<double[]> outputs(Examples examples) {
        List<Examples> divided = examples.divided(runDivided(Variant.OUTPUT, examples));
        return outputs(plan(Variant.OUTPUT), divided);
    }

    private List<double[]> outputs(Plan plan, List<Examples> divided) {
        return plan.outputs().stream().map(output -> gathered(output, divided)).toList();
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
        List<Examples> divided = examples.divided(runDivided(Variant.OUTPUT, examples));
        List<Value> outputs = plan(Variant.OUTPUT).outputs();
        int first = 0;
        for (int part = 0; part < divided.size(); part++) {
            int count = divided.get(part).examples();
            for (int k = 0; k < outputs.size(); k++) {
                machine.download(part(part).workspace.array(outputs.get(k), count), to.of(k, first, count));
            }
            first += count;
        }
    }

    /**
     * Gives the memory for intermediate values back until the next run, and lets the machine {@linkplain Machine#rest rest}. What is
     * left are constants in forms of their own.
     */
    public void rest() {
        parts.forEach(part -> part.workspace.close());
        machine.rest();
    }

    private double[] gathered(Value output, List<Examples> divided) {
        if (divided.size() == 1) {
            return machine.downloadDoubles(
                    part(0).workspace.array(output, divided.get(0).examples()));
        }
        return IntStream.range(0, divided.size())
                .mapToObj(k -> machine.downloadDoubles(
                        part(k).workspace.array(output, divided.get(k).examples())))
                .flatMapToDouble(DoubleStream::of)
                .toArray();
    }

    private MachineArray constant(Values.Constant constant) {
        return constants.computeIfAbsent(constant, unused -> owned.add(placed(constant)));
    }

    /** Where the numbers are, if the machine can read them there; else a copy. */
    private MachineArray placed(Values.Constant constant) {
        boolean wide = arithmetic.type() == ElementType.DOUBLE;
        return constant.resident()
                .filter(there -> there.isWide() == wide)
                .flatMap(there -> machine.adopt(
                        constant.owner(), arithmetic.type(), constant.length(), there.address(), there.keeper()))
                .orElseGet(() -> wide
                        ? machine.constant(constant.owner(), constant.exact().get())
                        : machine.constant(constant.owner(), constant.content().get()));
    }

    private void freeze(ConstantMatrix matrix) {
        factors.computeIfAbsent(matrix.use(), use -> {
            FrozenMatrix frozen = matrix.on(constant(use.values()), capacity, arithmetic.frozenProducts());
            return owned.add(machine.freeze(use.values().owner(), frozen));
        });
    }

    @Override
    public void close() {
        owned.close();
    }

    /** Where everything is during one part of a run. */
    private final class RunBindings implements Bindings, AutoCloseable {

        private final Plan plan;
        private final Part part;
        private final Examples run;
        private final int first;
        private final double clippingBound;
        private final Map<Integer, TokenSegments> segments = new HashMap<>();

        RunBindings(Plan plan, int part, List<Examples> all, double clippingBound) {
            this.plan = plan;
            this.part = part(part);
            this.run = all.get(part);
            this.first =
                    all.subList(0, part).stream().mapToInt(Examples::examples).sum();
            this.clippingBound = clippingBound;
        }

        @Override
        public Machine machine() {
            return machine;
        }

        @Override
        public Kernels kernels() {
            return machine.kernels();
        }

        @Override
        public Arithmetic arithmetic() {
            return arithmetic;
        }

        @Override
        public int examples() {
            return run.examples();
        }

        @Override
        public int firstExample() {
            return first;
        }

        @Override
        public MachineArray dropoutKey() {
            return dropoutKey.orElseThrow();
        }

        @Override
        public MachineArray array(Value value) {
            Value.Buffer buffer = value.buffer();
            if (buffer instanceof Value.Buffer.Planned) {
                return part.workspace.array(value, run.examples());
            } else if (buffer instanceof Value.Buffer.Input input) {
                return run.inputs().get(input.index());
            } else if (buffer instanceof Value.Buffer.Label label) {
                return run.labels().get(label.index());
            } else if (buffer instanceof Value.Buffer.Result result) {
                return result(result.kind()).orElseThrow();
            } else if (buffer instanceof Value.Buffer.WeightGradient sum) {
                return part.weightGradient(plan.adapters().get(sum.index()));
            }
            throw new AssertionError(buffer);
        }

        private Optional<MachineArray> result(Value.Buffer.Result.Kind kind) {
            return switch (kind) {
                case LOSSES -> run.losses();
                case NORMS -> run.norms();
            };
        }

        @Override
        public MachineArray parameter(Values values) {
            return values instanceof Values.Slice slice
                    ? parameters().slice(slice.offset(), slice.length())
                    : Objects.requireNonNull(constants.get(values), "constants are there before a run");
        }

        @Override
        public FrozenFactor factor(ConstantMatrix.Use use) {
            return Objects.requireNonNull(factors.get(use), "matrices are there before a run");
        }

        @Override
        public MachineArray gradient(Values.Slice slice) {
            return part.gradient.orElseThrow().slice(slice.offset(), slice.length());
        }

        @Override
        public TokenSegments segments(Value tokens, int vocabulary) {
            int index = ((Value.Buffer.Input) tokens.buffer()).index();
            return segments.computeIfAbsent(
                    index,
                    unused -> TokenSegments.of(
                            machine,
                            "places of words",
                            Objects.requireNonNull(run.words().get(index), "words of an input"),
                            vocabulary));
        }

        @Override
        public double clippingBound() {
            return clippingBound;
        }

        @Override
        public void close() {
            segments.values().forEach(TokenSegments::close);
        }
    }
}
