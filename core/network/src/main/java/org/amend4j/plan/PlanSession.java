/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.validation.Checks;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.Kernels;
import org.amend4j.machine.Machine;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.amend4j.machine.Owned;
import org.amend4j.machine.ProductPrecision;
import org.amend4j.machine.TokenSegments;
import org.amend4j.network.LowRank;
import org.amend4j.network.Network;
import org.amend4j.network.Values;

/**
 * A network on a device: its constants, its parameters, the gradient, and memory for the plans made of it. Plans of one network
 * share all of that. Not thread-safe.
 */
public final class PlanSession implements AutoCloseable {

    private final Machine device;
    private final Kernels kernels;
    private final Network network;
    private final ProductPrecision precision;
    private final int capacity;
    private final Workspace workspace;
    private final Map<Variant, Plan> plans = new EnumMap<>(Variant.class);
    private final Map<Values.Constant, MachineArray> constants = new HashMap<>();
    private final Map<LowRank, MachineArray> weightGradients = new HashMap<>();
    private final Owned owned = new Owned();
    private final Optional<MachineArray> parameters;
    private final Optional<MachineArray> gradient;

    /**
     * Puts a network on a device.
     *
     * @param capacity the most examples a run has
     * @param sharing whether values may use memory one after the other; without it every value has its own, which finds writes
     *     that go too far
     */
    private PlanSession(Machine device, Network network, ProductPrecision precision, int capacity, boolean sharing) {
        this.device = device;
        this.kernels = device.kernels();
        this.network = network;
        this.precision = precision;
        this.capacity = Checks.atLeast(1, "capacity", capacity);
        this.workspace = new Workspace(device, sharing);
        owned.add(workspace);
        try {
            boolean trained = network.parameters() > 0;
            this.parameters = trained ? Optional.of(own("parameters", network.parameters())) : Optional.empty();
            this.gradient = trained ? Optional.of(own("gradient", network.parameters())) : Optional.empty();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Puts a network on a device.
     *
     * @param capacity the most examples a run has
     */
    public static PlanSession open(Machine device, Network network, ProductPrecision precision, int capacity) {
        return new PlanSession(device, network, precision, capacity, true);
    }

    /** As {@link #open}; no memory is used twice, so that a value written too far hits a guard word. For tests. */
    public static PlanSession openWithoutReuse(
            Machine device, Network network, ProductPrecision precision, int capacity) {
        return new PlanSession(device, network, precision, capacity, false);
    }

    private MachineArray own(String owner, long length) {
        MachineArray array = device.allocate(owner, ElementType.FLOAT, length);
        owned.add(array);
        return array;
    }

    public Machine device() {
        return device;
    }

    public Kernels kernels() {
        return kernels;
    }

    public ProductPrecision precision() {
        return precision;
    }

    /** The most examples a run has. */
    public int capacity() {
        return capacity;
    }

    /** The trained parameter vector, on the device. */
    public MachineArray parameters() {
        return parameters.orElseThrow();
    }

    /** Where runs leave the sum of the gradients of their examples' losses, on the device. */
    public MachineArray gradient() {
        return gradient.orElseThrow();
    }

    /** Sums over runs of the gradient of an adapted weight, its transpose [outputs, inputs]; zero at first. */
    public MachineArray weightGradient(LowRank adapter, long length) {
        return weightGradients.computeIfAbsent(adapter, unused -> {
            MachineArray sum = own("gradient of an adapted weight", length);
            device.fill(sum, 0);
            return sum;
        });
    }

    /** The norm of each row of a gapless matrix, an upper bound. */
    public float[] normsOfRows(MachineArray matrix, int rows) {
        try (MachineArray norms = device.allocate("norms of rows", ElementType.FLOAT, rows)) {
            device.fill(norms, 0);
            int columns = Math.toIntExact(matrix.length() / rows);
            kernels.clipping().addSumNorms(MatrixView.of(matrix, rows, columns), norms, 1);
            return device.downloadFloats(norms);
        }
    }

    /**
     * What a run works on.
     *
     * @param examples in [1, capacity]
     * @param inputs of each input: its examples' rows, or its words
     * @param labels of each output
     * @param losses where to put each example's loss
     * @param norms where to put the norm of each example's gradient, an upper bound, if it is clipped
     * @param words of each input that is one, on the host
     */
    public record Examples(
            int examples,
            List<MachineArray> inputs,
            List<MachineArray> labels,
            Optional<MachineArray> losses,
            Optional<MachineArray> norms,
            Map<Integer, int[]> words) {
        public Examples {
            Checks.atLeast(1, "examples", examples);
            inputs = List.copyOf(inputs);
            labels = List.copyOf(labels);
            words = Map.copyOf(words);
        }
    }

    /** The plan that runs of a variant follow. */
    public Plan plan(Variant variant) {
        return plans.computeIfAbsent(variant, unused -> Plan.of(network, variant));
    }

    /** Does all steps of a plan; their results are where the examples say, and in {@link #gradient}. */
    public void run(Variant variant, Examples examples) {
        run(variant, examples, Double.POSITIVE_INFINITY);
    }

    /**
     * As {@link #run(Variant, Examples)} with every example's share of the gradient clipped.
     *
     * @param clippingBound the largest norm of a share
     */
    public void run(Variant variant, Examples examples, double clippingBound) {
        Plan plan = plan(variant);
        Checks.inRange(1, capacity, "examples", examples.examples());
        plan.constants().forEach(this::constant);
        workspace.prepare(plan, capacity);
        try (RunBindings bindings = new RunBindings(plan, examples, clippingBound)) {
            for (PlanStep step : plan.steps()) {
                step.action().run(bindings);
            }
        }
    }

    /** The outputs after a run for them. */
    public List<float[]> outputs(int examples) {
        return plan(Variant.OUTPUT).outputs().stream()
                .map(value -> device.downloadFloats(workspace.array(value, examples)))
                .toList();
    }

    private MachineArray constant(Values.Constant constant) {
        return constants.computeIfAbsent(constant, unused -> {
            MachineArray array =
                    device.allocate(constant.owner(), constant.content().get());
            owned.add(array);
            return array;
        });
    }

    @Override
    public void close() {
        owned.close();
    }

    /** Where everything is during one run. */
    private final class RunBindings implements Bindings, AutoCloseable {

        private final Plan plan;
        private final Examples run;
        private final double clippingBound;
        private final Map<Integer, TokenSegments> segments = new HashMap<>();

        RunBindings(Plan plan, Examples run, double clippingBound) {
            this.plan = plan;
            this.run = run;
            this.clippingBound = clippingBound;
        }

        @Override
        public Machine device() {
            return device;
        }

        @Override
        public Kernels kernels() {
            return kernels;
        }

        @Override
        public ProductPrecision precision() {
            return precision;
        }

        @Override
        public int examples() {
            return run.examples();
        }

        @Override
        public MachineArray array(Value value) {
            Value.Buffer buffer = value.buffer();
            if (buffer instanceof Value.Buffer.Planned) {
                return workspace.array(value, run.examples());
            } else if (buffer instanceof Value.Buffer.Input input) {
                return run.inputs().get(input.index());
            } else if (buffer instanceof Value.Buffer.Label label) {
                return run.labels().get(label.index());
            } else if (buffer instanceof Value.Buffer.Result result) {
                return result(result.kind()).orElseThrow();
            } else if (buffer instanceof Value.Buffer.WeightGradient sum) {
                return weightGradient(plan.adapters().get(sum.index()), value.length(1));
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
                    ? PlanSession.this.parameters().slice(slice.offset(), slice.length())
                    : Objects.requireNonNull(constants.get(values), "constants are there before a run");
        }

        @Override
        public MachineArray gradient(Values.Slice slice) {
            return PlanSession.this.gradient().slice(slice.offset(), slice.length());
        }

        @Override
        public TokenSegments segments(Value tokens, int vocabulary) {
            int index = ((Value.Buffer.Input) tokens.buffer()).index();
            return segments.computeIfAbsent(
                    index,
                    unused -> TokenSegments.of(
                            device,
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
