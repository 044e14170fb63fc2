/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.backend.Arithmetic;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.TokenSegments;
import org.amend4j.internal.network.Values;

/** Where everything is while one part of a run goes through a plan. */
final class RunBindings implements Bindings, AutoCloseable {

    private final PlanRun run;
    private final PlacedNetwork network;
    private final Shard part;
    private final Examples examples;
    private final RunSize size;
    private final RunSize before;
    private final Map<Integer, TokenSegments> segments = new HashMap<>();
    private Optional<PlacedTokens> tokens = Optional.empty();

    /** @param part its number among the run's */
    RunBindings(PlanRun run, int part) {
        this.run = run;
        this.network = run.network();
        this.part = run.parts().get(part);
        this.examples = run.examples().get(part);
        this.size = examples.size();
        this.before = run.before(part);
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
    public RunSize size() {
        return size;
    }

    @Override
    public RunSize before() {
        return before;
    }

    @Override
    public PlacedTokens tokens() {
        if (tokens.isEmpty()) {
            tokens = Optional.of(new PlacedTokens(machine(), arithmetic().type(), examples.tokens()));
        }
        return tokens.get();
    }

    @Override
    public MachineArray dropoutKey() {
        return network.dropoutKey();
    }

    @Override
    public MachineArray memory(Value value) {
        Value.Buffer buffer = value.buffer();
        if (buffer instanceof Value.Buffer.Planned) {
            return part.array(value, size);
        } else if (buffer instanceof Value.Buffer.Input input) {
            return examples.inputs().get(input.index());
        } else if (buffer instanceof Value.Buffer.Label label) {
            return examples.labels().get(label.index());
        } else if (buffer instanceof Value.Buffer.Result result) {
            return result(result.kind()).orElseThrow();
        } else if (buffer instanceof Value.Buffer.WeightGradient sum) {
            return part.weightGradient(run.plan().adapters().get(sum.index()));
        }
        throw new AssertionError(buffer);
    }

    private Optional<MachineArray> result(Value.Buffer.Result.Kind kind) {
        return switch (kind) {
            case LOSSES -> examples.losses();
            case NORMS -> examples.shares().map(Shares::norms);
        };
    }

    @Override
    public MachineArray parameter(Values values) {
        return network.array(values);
    }

    @Override
    public MatrixView stored(Values values, int rows, int columns) {
        return network.stored(values, rows, columns);
    }

    @Override
    public JointWeights joints() {
        return network.joints();
    }

    @Override
    public void placeAdapters() {
        network.joints().place(network.parameters());
    }

    @Override
    public FrozenFactor factor(ConstantMatrix.Use use) {
        return network.factor(use);
    }

    @Override
    public MachineArray gradient(Values.Slice slice) {
        return network.layout().slice(part.gradient(), slice);
    }

    @Override
    public TokenSegments segments(Value tokens, int vocabulary) {
        int index = ((Value.Buffer.Input) tokens.buffer()).index();
        return segments.computeIfAbsent(
                index,
                unused -> TokenSegments.of(
                        machine(),
                        "places of words",
                        Objects.requireNonNull(examples.words().get(index), "words of an input"),
                        vocabulary));
    }

    @Override
    public double clippingBound() {
        return run.clippingBound();
    }

    @Override
    public List<Shares.Group> groups() {
        return examples.shares().orElseThrow().groups();
    }

    @Override
    public void close() {
        segments.values().forEach(TokenSegments::close);
        tokens.ifPresent(PlacedTokens::close);
    }
}
