/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.attention.AttentionPass;
import org.amend4j.internal.attention.AttentionSizes;
import org.amend4j.internal.attention.Projections;
import org.amend4j.internal.attention.StepRows;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Attention of a sequence to itself, or of queries that the base has learned, between projections or by itself. */
final class FrozenAttention extends ShowingStock {

    /** Deeplearning4j's key of learned queries, [1, width, queries]. */
    private static final String LEARNED = "Q";

    private static final long serialVersionUID = 1L;

    private final transient Map<String, INDArray> parameters;
    private final long width;
    private final DataType type;
    private transient @Nullable AttentionPass pass;
    private transient List<WeightRows> shown = List.of();

    /** @param width of the input */
    FrozenAttention(Layer stock, long width, DataType type) {
        super(stock);
        this.parameters = stock.paramTable();
        this.width = width;
        this.type = type;
    }

    private Optional<INDArray> learned() {
        return Optional.ofNullable(parameters.get(LEARNED));
    }

    /** Where Deeplearning4j's own layer for learned queries fails, which 1.0.0-M2.1's always does, ours is in use, too. */
    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        return super.activate(training || learned().isPresent(), workspaces);
    }

    @Override
    INDArray forward(LayerWorkspaceMgr workspaces) {
        INDArray x = underlying.input();
        if (x.rank() != 3 || x.size(1) != width) {
            throw new DL4JInvalidInputException(
                    "input must be [batch, " + width + ", time], got " + Arrays.toString(x.shape()));
        }
        AttentionPass.Memory kept = kept(workspaces, type);
        INDArray rows = StepRows.of(x, type, kept);
        INDArray queries = learned().map(own -> StepRows.of(own, type, kept)).orElse(rows);
        Optional<Projections> projections = Projections.of(parameters);
        AttentionSizes sizes = new AttentionSizes(
                (int) x.size(0),
                projections.map(Projections::heads).orElse(1),
                (int) learned().orElse(x).size(2),
                (int) x.size(2));
        AttentionPass made = AttentionPass.forward(
                new AttentionPass.Inputs(queries, rows, rows, Optional.ofNullable(underlying.getMaskArray())),
                projections,
                sizes,
                kept);
        pass = made;
        keepForward();
        return StepRows.sequence(made.output(kept), sizes.examples());
    }

    /** Memory that lives as long as the activations. */
    static AttentionPass.Memory kept(LayerWorkspaceMgr workspaces, DataType type) {
        return (rows, columns) ->
                workspaces.createUninitialized(ArrayType.ACTIVATIONS, type, new long[] {rows, columns}, 'c');
    }

    /** Memory of the workspace that is open. */
    static AttentionPass.Memory working(DataType type) {
        return (rows, columns) -> Nd4j.createUninitialized(type, new long[] {rows, columns}, 'c');
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        requireForward(workspaces);
        AttentionPass.Backward made = Objects.requireNonNull(pass).backward(StepRows.of(epsilon, type, working(type)));
        shown = isShowing() ? rows(made) : List.of();
        return new Pair<>(new DefaultGradient(), isInputWanted() ? inputGradient(made, workspaces) : null);
    }

    private INDArray inputGradient(AttentionPass.Backward made, LayerWorkspaceMgr workspaces) {
        INDArray x = underlying.input();
        INDArray dx = workspaces.createUninitialized(
                ArrayType.ACTIVATION_GRAD, type, new long[] {x.size(0) * x.size(2), width}, 'c');
        made.toKeys(dx, 0);
        made.toValues(dx, 1);
        if (learned().isEmpty()) {
            made.toQueries(dx, 1);
        }
        return StepRows.sequence(dx, x.size(0));
    }

    /** What the gradients of an attention's weights are made of, in Deeplearning4j's order. */
    static List<WeightRows> rows(AttentionPass.Backward made) {
        if (made.pass().projections().isEmpty()) {
            return List.of();
        }
        AttentionPass.Inputs inputs = made.pass().inputs();
        return List.of(
                new WeightRows(inputs.queries(), made.projected().queries()),
                new WeightRows(inputs.keys(), made.projected().keys()),
                new WeightRows(inputs.values(), made.projected().values()),
                new WeightRows(made.pass().context(), made.output()));
    }

    @Override
    List<WeightRows> shown() {
        return shown;
    }

    /** There are none. */
    @Override
    List<INDArray> shownOfBiases() {
        return List.of();
    }

    @Override
    public void clear() {
        super.clear();
        pass = null;
        shown = List.of();
    }
}
