/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.machine.FrozenFactor;
import org.amend4j.machine.Kernels;
import org.amend4j.machine.Machine;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.TokenSegments;
import org.amend4j.network.Values;

/** Where everything is while one part of a run goes through a plan. */
final class RunBindings implements Bindings, AutoCloseable {

    private final PlacedNetwork network;
    private final Plan plan;
    private final Part part;
    private final Examples run;
    private final double clippingBound;
    private final Map<Integer, TokenSegments> segments = new HashMap<>();

    RunBindings(PlacedNetwork network, Plan plan, Part part, Examples run, double clippingBound) {
        this.network = network;
        this.plan = plan;
        this.part = part;
        this.run = run;
        this.clippingBound = clippingBound;
    }

    @Override
    public Machine machine() {
        return network.machine();
    }

    @Override
    public Kernels kernels() {
        return machine().kernels();
    }

    @Override
    public Arithmetic arithmetic() {
        return network.arithmetic();
    }

    @Override
    public int examples() {
        return run.examples();
    }

    @Override
    public MachineArray array(Value value) {
        Value.Buffer buffer = value.buffer();
        if (buffer instanceof Value.Buffer.Planned) {
            return part.array(value, run.examples());
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
        return network.array(values);
    }

    @Override
    public FrozenFactor factor(ConstantMatrix.Use use) {
        return network.factor(use);
    }

    @Override
    public MachineArray gradient(Values.Slice slice) {
        return part.gradient().slice(slice.offset(), slice.length());
    }

    @Override
    public TokenSegments segments(Value tokens, int vocabulary) {
        int index = ((Value.Buffer.Input) tokens.buffer()).index();
        return segments.computeIfAbsent(
                index,
                unused -> TokenSegments.of(
                        machine(),
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
