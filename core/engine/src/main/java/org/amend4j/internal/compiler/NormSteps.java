/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Values;
import org.amend4j.internal.network.Values.Slice;

/** Norms of rows, whose gain and bias may train. */
abstract class NormSteps<O extends Operation> implements OperationSteps<O> {

    private final GraphCompiler passes;
    private final Map<Integer, List<Value>> statistics = new HashMap<>();

    NormSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    /** What it is, for reports. */
    abstract String name();

    /** What a row has that the backward pass needs of the forward one, a number each. */
    abstract List<String> statistics();

    abstract Values gain(O norm);

    abstract Optional<Values> bias(O norm);

    /** Normalises rows, and overwrites the statistics. */
    abstract void forward(Bindings b, O norm, Value x, Value y, List<Value> found);

    /** The gradient with respect to x. */
    abstract void gradient(Bindings b, O norm, Rows rows, Value to);

    /** Overwrites what the gain's gradient is the column sums of. */
    abstract void gainProducts(Bindings b, Rows rows, Value products);

    /**
     * What the backward pass reads.
     *
     * @param delta the gradient of the result
     * @param found the statistics
     */
    record Rows(Value delta, Value x, List<Value> found) {

        List<Value> all() {
            return Stream.concat(Stream.of(delta, x), found.stream()).toList();
        }
    }

    @Override
    public final Value forward(int node, O norm) {
        Value in = passes.input(node, 0);
        Value out = passes.isLive(node) ? passes.fresh(node) : passes.elementwisePlace(node);
        String vertex = passes.vertex(node);
        List<Value> found = statistics().stream()
                .map(name -> passes.steps().per(in.per(), vertex + " " + name, in.rows(), 1))
                .toList();
        statistics.put(node, found);
        passes.steps()
                .add(
                        vertex,
                        name() + " of " + passes.shape(node),
                        List.of(in),
                        Stream.concat(Stream.of(out), found.stream()).toList(),
                        work(node),
                        b -> forward(b, norm, in, out, found));
        return out;
    }

    private Work work(int node) {
        return Work.through(3.0 * passes.shape(node).size());
    }

    @Override
    public final void backward(int node, O norm, GradientFlow flow) {
        Rows rows = new Rows(flow.value(), passes.input(node, 0), Objects.requireNonNull(statistics.get(node)));
        if (gain(norm) instanceof Slice gain) {
            train(node, gain, new GradientFlow(gainProducts(node, rows), true));
        }
        bias(norm).filter(Slice.class::isInstance).ifPresent(bias -> {
            train(node, (Slice) bias, new GradientFlow(flow.value(), false)); // read below, too
        });
        if (passes.isInputLive(node, 0)) {
            boolean waited = passes.parameters().areDeferred() && Liveness.isTrained(bias(norm));
            sendBack(node, norm, rows, new GradientFlow(flow.value(), flow.owned() && !waited));
        }
    }

    private void train(int node, Slice vector, GradientFlow rows) {
        passes.parameters().add(new TrainedRows.OfSums(passes.node(node), vector, rows));
    }

    private void sendBack(int node, O norm, Rows rows, GradientFlow flow) {
        Value to = passes.place(node, flow);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradient of " + name() + " of " + passes.shape(node),
                        rows.all(),
                        List.of(to),
                        work(node),
                        b -> gradient(b, norm, rows, to));
        passes.send(node, 0, new GradientFlow(to, true));
    }

    private Value gainProducts(int node, Rows rows) {
        Value delta = rows.delta();
        Value products =
                passes.steps().per(delta.per(), passes.vertex(node) + " gain products", delta.rows(), delta.columns());
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradient times normalised rows of " + passes.shape(node),
                        rows.all(),
                        List.of(products),
                        work(node),
                        b -> gainProducts(b, rows, products));
        return products;
    }
}
