/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.TokenSegments;
import org.amend4j.internal.compiler.Value.Buffer.Planned;
import org.amend4j.internal.network.Values;
import org.amend4j.internal.training.PlacedRecords;

/** A run of a plan that looks at what each step asks for, and at what it changes. */
final class WatchedRun implements Bindings, AutoCloseable {

    private final Machine device;
    private final Kernels kernels;
    private final Owned owned = new Owned();
    private final Map<Value.Buffer, MachineArray> arrays = new HashMap<>();
    private final Map<Values, MachineArray> constants = new HashMap<>();
    private final Map<ConstantMatrix.Use, FrozenFactor> factors = new HashMap<>();
    private final MachineArray parameters;
    private final MachineArray gradient;
    private final MachineArray dropoutKey;
    private final int examples;
    private final RunSize size;
    private final PlacedTokens tokens;
    private final Set<Value.Buffer> touched = new HashSet<>();

    private WatchedRun(Machine device, Plan plan, Records data, float[] theta) {
        this.device = device;
        this.kernels = device.kernels();
        this.examples = data.size();
        this.parameters = owned.add(device.allocate("parameters", theta));
        this.gradient = owned.add(device.allocate("gradient", ElementType.FLOAT, theta.length));
        this.dropoutKey = owned.add(device.allocate("key", new int[] {1, 2}));
        plan.constants()
                .forEach(constant -> constants.put(
                        constant,
                        owned.add(device.allocate("constant", constant.content().get()))));
        PlacedRecords records = owned.add(new PlacedRecords(device, ElementType.FLOAT, data, plan.network(), examples));
        Examples all = records.batch(IntStream.range(0, examples).toArray(), 0, examples, Optional.empty());
        this.size = all.size();
        this.tokens = owned.add(new PlacedTokens(device, ElementType.FLOAT, all.tokens()));
        plan.matrices().forEach(this::freeze);
        for (int k = 0; k < all.inputs().size(); k++) {
            arrays.put(new Value.Buffer.Input(k, false), all.inputs().get(k));
        }
        for (int k = 0; k < all.labels().size(); k++) {
            arrays.put(new Value.Buffer.Label(k), all.labels().get(k));
        }
    }

    private void freeze(ConstantMatrix matrix) {
        factors.computeIfAbsent(matrix.use(), use -> {
            MachineArray values = Objects.requireNonNull(constants.get(use.values()));
            return owned.add(device.freeze("matrix", matrix.on(values, size, ProductPrecision.FP32)));
        });
    }

    /** Every step must ask for nothing but what it declares, and leave what it does not declare to write as it was. */
    static void check(Machine device, Plan plan, Records data, float[] theta, String where) {
        try (WatchedRun run = new WatchedRun(device, plan, data, theta)) {
            for (PlanStep step : plan.steps()) {
                run.check(step, where + ": " + step.vertex() + ", " + step.what());
            }
        }
    }

    private void check(PlanStep step, String where) {
        Set<Value.Buffer> written = buffers(step.writes());
        Set<Value.Buffer> declared = buffers(step.reads());
        declared.addAll(written);
        List<Value> kept = step.reads().stream()
                .filter(value -> !written.contains(value.buffer()))
                .toList();
        List<float[]> before = contents(kept);
        touched.clear();
        step.action().run(this);
        assertTrue(declared.containsAll(touched), () -> where + " touches " + touched + ", declares " + declared);
        assertTrue(touched.containsAll(declared), () -> where + " declares " + declared + ", touches " + touched);
        List<float[]> after = contents(kept);
        for (int k = 0; k < kept.size(); k++) {
            assertArrayEquals(
                    before.get(k),
                    after.get(k),
                    where + " changes " + kept.get(k).name());
        }
    }

    private static Set<Value.Buffer> buffers(List<Value> values) {
        Set<Value.Buffer> result = new HashSet<>();
        values.forEach(value -> result.add(value.buffer()));
        return result;
    }

    private List<float[]> contents(List<Value> values) {
        List<float[]> result = new ArrayList<>();
        for (Value value : values) {
            if (!(value.buffer() instanceof Planned planned) || planned.numbers() == Planned.Numbers.REAL) {
                result.add(device.downloadFloats(array(value)));
            } else {
                result.add(new float[0]);
            }
        }
        return result;
    }

    @Override
    public MachineArray memory(Value value) {
        touched.add(value.buffer());
        ElementType type = value.buffer() instanceof Planned planned && planned.numbers() == Planned.Numbers.INTEGER
                ? ElementType.INT
                : ElementType.FLOAT;
        return arrays.computeIfAbsent(value.buffer(), unused -> {
            MachineArray fresh = owned.add(device.allocate(value.name(), type, value.length(size)));
            if (value.buffer() instanceof Value.Buffer.WeightGradient) {
                device.fill(fresh, 0);
            }
            return fresh;
        });
    }

    @Override
    public MatrixView stored(Values values, int rows, int columns) {
        return MatrixView.of(parameter(values), rows, columns);
    }

    @Override
    public JointWeights joints() {
        throw new AssertionError("products are separate here");
    }

    @Override
    public void placeAdapters() {
        throw new AssertionError("products are separate here");
    }

    @Override
    public FrozenFactor factor(ConstantMatrix.Use use) {
        return Objects.requireNonNull(factors.get(use));
    }

    @Override
    public Machine machine() {
        return device;
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public Arithmetic arithmetic() {
        return Arithmetic.SINGLE;
    }

    @Override
    public RunSize before() {
        return new RunSize(0, 0);
    }

    @Override
    public PlacedTokens tokens() {
        return tokens;
    }

    @Override
    public MachineArray dropoutKey() {
        return dropoutKey;
    }

    @Override
    public RunSize size() {
        return size;
    }

    @Override
    public MachineArray parameter(Values values) {
        return values instanceof Values.Slice slice
                ? parameters.slice(slice.offset(), slice.length())
                : constants.get(values);
    }

    @Override
    public MachineArray gradient(Values.Slice slice) {
        return gradient.slice(slice.offset(), slice.length());
    }

    @Override
    public TokenSegments segments(Value tokens, int vocabulary) {
        throw new AssertionError("no words here");
    }

    @Override
    public double clippingBound() {
        return 0.7;
    }

    @Override
    public List<Shares.Group> groups() {
        return List.of(new Shares.Group(examples, 1));
    }

    @Override
    public void close() {
        owned.close();
    }
}
