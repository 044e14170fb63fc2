/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.internal.attention.AttentionPass;
import org.amend4j.internal.attention.AttentionSizes;
import org.amend4j.internal.attention.Projections;
import org.amend4j.internal.attention.StepRows;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Deeplearning4j's vertex for attention of queries to keys and values, its three inputs, as a {@link ShowingStock} is for a layer: its
 * own in inference, ours in training. Keys count where neither their mask nor that of the values is 0, and the output is multiplied
 * with the mask of the queries.
 */
public final class FrozenAttentionVertex extends FrozenStockVertex {

    private static final int QUERIES = 0;
    private static final int KEYS = 1;
    private static final int VALUES = 2;

    private static final long serialVersionUID = 1L;

    private final transient Map<String, INDArray> parameters;
    private final DataType type;
    private transient @Nullable INDArray @Nullable [] masks;
    private transient @Nullable AttentionPass pass;
    private transient List<WeightRows> shown = List.of();

    FrozenAttentionVertex(GraphVertex stock, DataType type) {
        super(stock);
        this.parameters = stock.paramTable(false);
        this.type = type;
    }

    @Override
    public void setInput(int number, INDArray input, LayerWorkspaceMgr workspaces) {
        super.setInput(number, input, workspaces);
        pass = null;
    }

    @Override
    public void setInputs(INDArray... inputs) {
        super.setInputs(inputs);
        pass = null;
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArrays(
            @Nullable INDArray @Nullable [] maskArrays, MaskState state, int minibatchSize) {
        masks = maskArrays;
        pass = null;
        return super.feedForwardMaskArrays(maskArrays, state, minibatchSize);
    }

    private Optional<INDArray> mask(int input) {
        return masks == null ? Optional.empty() : Optional.ofNullable(masks[input]);
    }

    private Optional<INDArray> maskOfKeys(AttentionPass.Memory kept) {
        Optional<INDArray> keys = mask(KEYS);
        Optional<INDArray> values = mask(VALUES);
        if (keys.isEmpty() || values.isEmpty()) {
            return keys.or(() -> values);
        }
        INDArray both = kept.rows(keys.get().size(0), keys.get().size(1)).assign(keys.get());
        return Optional.of(Transforms.min(both, values.get().castTo(type), false));
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        return training ? forward(workspaces) : super.doForward(false, workspaces);
    }

    private INDArray forward(LayerWorkspaceMgr workspaces) {
        AttentionPass.Memory kept = FrozenAttention.kept(workspaces, type);
        List<INDArray> sequences =
                Arrays.stream(getInputs()).map(FrozenAttentionVertex::checked).toList();
        Optional<Projections> projections = Projections.of(parameters);
        INDArray queries = sequences.get(QUERIES);
        AttentionSizes sizes = new AttentionSizes(
                (int) queries.size(0), projections.map(Projections::heads).orElse(1), (int) queries.size(2), (int)
                        sequences.get(KEYS).size(2));
        AttentionPass made = AttentionPass.forward(
                new AttentionPass.Inputs(
                        StepRows.of(queries, type, kept),
                        StepRows.of(sequences.get(KEYS), type, kept),
                        StepRows.of(sequences.get(VALUES), type, kept),
                        maskOfKeys(kept)),
                projections,
                sizes,
                kept);
        INDArray output = made.output(kept);
        maskQueries(output);
        pass = made;
        return StepRows.sequence(output, sizes.examples());
    }

    private static INDArray checked(INDArray sequence) {
        if (sequence.rank() != 3) {
            throw new DL4JInvalidInputException(
                    "inputs of an attention must be [batch, width, time], got " + Arrays.toString(sequence.shape()));
        }
        return sequence;
    }

    private void maskQueries(INDArray rows) {
        mask(QUERIES)
                .ifPresent(
                        mask -> rows.muliColumnVector(mask.castTo(type).dup('c').reshape('c', rows.size(0), 1)));
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        if (pass == null) {
            forward(workspaces);
        }
        INDArray d = StepRows.of(getEpsilon(), type, FrozenAttention.working(type));
        if (mask(QUERIES).isPresent()) {
            d = d.dup('c');
            maskQueries(d);
        }
        AttentionPass.Backward made = Objects.requireNonNull(pass).backward(d);
        shown = FrozenAttention.rows(made);
        INDArray[] down = IntStream.of(QUERIES, KEYS, VALUES)
                .mapToObj(input -> inputGradient(made, input, workspaces))
                .toArray(INDArray[]::new);
        return new Pair<>(new DefaultGradient(), down);
    }

    private INDArray inputGradient(AttentionPass.Backward made, int input, LayerWorkspaceMgr workspaces) {
        INDArray x = getInputs()[input];
        INDArray dx = workspaces.createUninitialized(
                ArrayType.ACTIVATION_GRAD, type, new long[] {x.size(0) * x.size(2), x.size(1)}, 'c');
        if (input == QUERIES) {
            made.toQueries(dx, 0);
        } else if (input == KEYS) {
            made.toKeys(dx, 0);
        } else {
            made.toValues(dx, 0);
        }
        return StepRows.sequence(dx, x.size(0));
    }

    /** What the last backward pass showed of the weights' gradients, in Deeplearning4j's order. */
    public List<WeightRows> rows() {
        return shown;
    }

    @Override
    public void clear() {
        super.clear();
        forget();
    }

    /** Also of masks, which Deeplearning4j's own keeps for the next batch if that has none. */
    @Override
    public void clearVertex() {
        super.clearVertex();
        forget();
        feedForwardMaskArrays(null, MaskState.Active, 0);
    }

    private void forget() {
        pass = null;
        shown = List.of();
    }
}
