/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.compiler.Value.Buffer;
import org.amend4j.internal.network.Operation.Loss;
import org.amend4j.internal.network.Operation.LossKind;

/** Losses, and where the backward pass begins: their gradients come with them. Those of several outputs are added up. */
final class LossSteps implements OperationSteps<Loss> {

    private final GraphCompiler passes;
    private final Map<Integer, Value> gradients = new HashMap<>();
    private final LossSum sum;

    /** @param sum of the losses of all outputs */
    LossSteps(GraphCompiler passes, LossSum sum) {
        this.passes = passes;
        this.sum = sum;
    }

    @Override
    public Value forward(int node, Loss loss) {
        Value losses = sum.place(passes.vertex(node));
        if (loss.kind() == LossKind.SOFTMAX_CROSS_ENTROPY
                && passes.input(node, 0).rows() > 1) {
            ofPixels(node, loss, losses);
        } else {
            ofExamples(node, loss, losses);
        }
        sum.add(passes.vertex(node), losses);
        return losses;
    }

    /** A sum over everything an example has: its pixels may be one row. */
    private void ofExamples(int node, Loss loss, Value losses) {
        Value z = passes.input(node, 0);
        int channels = z.columns();
        compare(node, loss, z.as(1, z.rows() * channels), losses, channels);
    }

    private void ofPixels(int node, Loss loss, Value losses) {
        Value z = passes.input(node, 0);
        String vertex = passes.vertex(node);
        Value pixels = passes.steps().perExample(vertex + " losses of pixels", z.rows(), 1);
        compare(node, loss, z, pixels, z.columns());
        passes.steps()
                .add(
                        vertex,
                        "sum of losses of pixels",
                        List.of(pixels),
                        List.of(losses),
                        Work.through(z.rows() + 1.0),
                        b -> b.kernels().loss().rowSums(b.array(pixels), b.array(losses), z.rows()));
    }

    private void compare(int node, Loss loss, Value z, Value losses, int channels) {
        String vertex = passes.vertex(node);
        Value label = new Value(new Buffer.Label(loss.label()), vertex + " labels", z.rows(), z.columns());
        Optional<Value> gradient = passes.isLive(node)
                ? Optional.of(passes.steps().perExample(vertex + " gradient", z.rows(), z.columns()))
                : Optional.empty();
        Value whole = passes.input(node, 0);
        gradient.ifPresent(value -> gradients.put(node, value.as(whole.rows(), whole.columns())));
        passes.steps()
                .add(
                        vertex,
                        words(loss.kind()),
                        List.of(z, label),
                        gradient.map(g -> List.of(losses, g)).orElse(List.of(losses)),
                        Work.through(3.0 * z.rows() * z.columns()),
                        b -> compute(
                                b,
                                loss.kind(),
                                channels,
                                b.matrix(z),
                                b.matrix(label),
                                b.array(losses),
                                gradient.map(b::matrix)));
    }

    private static void compute(
            Bindings b,
            LossKind kind,
            int channels,
            MatrixView z,
            MatrixView label,
            MachineArray losses,
            Optional<MatrixView> gradient) {
        Optional<MachineArray> unweighted = Optional.empty();
        switch (kind) {
            case SOFTMAX_CROSS_ENTROPY ->
                b.kernels().loss().softmaxCrossEntropy(z, label, unweighted, losses, gradient);
            case SIGMOID_CROSS_ENTROPY ->
                b.kernels().loss().sigmoidCrossEntropy(z, label, unweighted, losses, gradient);
            case MEAN_SQUARED_ERROR ->
                b.kernels().loss().squaredError(z, label, unweighted, losses, gradient, 1.0 / channels);
            case SQUARED_ERROR -> b.kernels().loss().squaredError(z, label, unweighted, losses, gradient, 1);
        }
    }

    private static String words(LossKind kind) {
        return switch (kind) {
            case SOFTMAX_CROSS_ENTROPY -> "softmax and cross-entropy";
            case SIGMOID_CROSS_ENTROPY -> "sigmoid and cross-entropy";
            case MEAN_SQUARED_ERROR -> "mean squared error";
            case SQUARED_ERROR -> "squared error";
        };
    }

    @Override
    public void backward(int node, Loss loss, GradientFlow flow) {
        passes.send(node, 0, new GradientFlow(Objects.requireNonNull(gradients.get(node)), true));
    }
}
