/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.nio.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.network.Operation.Opaque;
import org.amend4j.model.UnsupportedNetworkException;

/** Vertices that Deeplearning4j computes, a step for each pass, on machines that call out. */
final class OpaqueSteps implements OperationSteps<Opaque> {

    private final GraphCompiler passes;

    OpaqueSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, Opaque opaque) {
        List<Value> inputs = inputs(node).mapToObj(k -> passes.input(node, k)).toList();
        Value result = passes.fresh(node);
        boolean kept = passes.isLive(node);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "Deeplearning4j's forward pass of " + opaque.what(),
                        inputs,
                        List.of(result),
                        work(node),
                        b -> {
                            int examples = b.examples();
                            Call call = new Call();
                            Optional<Place> parameters =
                                    opaque.parameters().map(slice -> call.place(b.parameter(slice)));
                            List<Place> from = inputs.stream()
                                    .map(value -> call.place(b.array(value)))
                                    .toList();
                            Place to = call.place(b.array(result));
                            b.machine()
                                    .callOut(
                                            call.arrays,
                                            buffers -> opaque.vertex()
                                                    .forward(
                                                            examples,
                                                            parameters.map(place -> place.in(buffers)),
                                                            from.stream()
                                                                    .map(place -> place.in(buffers))
                                                                    .toList(),
                                                            to.in(buffers),
                                                            kept));
                        });
        return result;
    }

    @Override
    public void backward(int node, Opaque opaque, GradientFlow flow) {
        if (opaque.parameters().isPresent() && passes.parameters().areDeferred()) {
            throw new UnsupportedNetworkException(
                    "vertex '" + passes.vertex(node) + "' is " + opaque.what()
                            + " that trains, whose gradients of single examples are not known: they cannot be clipped by a plan");
        }
        List<Optional<Value>> gradients = inputs(node)
                .mapToObj(k -> passes.isInputLive(node, k)
                        ? Optional.of(passes.freshGradient(node, k))
                        : Optional.<Value>empty())
                .toList();
        Value delta = flow.value();
        passes.steps()
                .add(
                        passes.vertex(node),
                        "Deeplearning4j's backward pass of " + opaque.what(),
                        List.of(delta),
                        gradients.stream().flatMap(Optional::stream).toList(),
                        work(node),
                        b -> {
                            Call call = new Call();
                            Place error = call.place(b.array(delta));
                            Optional<Place> gradient = opaque.parameters().map(slice -> call.place(b.gradient(slice)));
                            List<Optional<Place>> to = gradients.stream()
                                    .map(value -> value.map(wanted -> call.place(b.array(wanted))))
                                    .toList();
                            b.machine()
                                    .callOut(
                                            call.arrays,
                                            buffers -> opaque.vertex()
                                                    .backward(
                                                            error.in(buffers),
                                                            gradient.map(place -> place.in(buffers)),
                                                            to.stream()
                                                                    .map(wanted ->
                                                                            wanted.map(place -> place.in(buffers)))
                                                                    .toList()));
                        });
        for (int k = 0; k < gradients.size(); k++) {
            int which = k;
            gradients.get(k).ifPresent(value -> passes.send(node, which, new GradientFlow(value, true)));
        }
    }

    private IntStream inputs(int node) {
        return IntStream.range(0, passes.inputs(node));
    }

    /** What goes in and comes out; what is done with it, nobody knows. */
    private Work work(int node) {
        double read =
                inputs(node).mapToDouble(k -> passes.inputShape(node, k).size()).sum();
        return Work.through(read + passes.shape(node).size());
    }

    /** Arrays that are handed out together. */
    private static final class Call {

        private final List<MachineArray> arrays = new ArrayList<>();

        Place place(MachineArray array) {
            arrays.add(array);
            return new Place(arrays.size() - 1);
        }
    }

    /** Of an array among those. */
    private record Place(int index) {

        Buffer in(List<Buffer> buffers) {
            return buffers.get(index);
        }
    }
}
