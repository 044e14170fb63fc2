/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.recurrent.BaseRecurrentLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A recurrent layer. The gradient is the derivative of what the forward pass computes. Deeplearning4j's differs from that where its backward
 * pass leaves something out: the mask of an LSTM, the state that a SimpleRnn starts a segment with.
 */
final class FrozenSequence extends ShowingStock implements FrozenState {

    private static final long serialVersionUID = 1L;

    private final BaseRecurrentLayer<?> stock;
    private final transient List<Recurrence> directions;
    private final boolean timeBeforeFeatures;
    private transient List<WeightRows> shown = List.of();

    /** @param directions one, or two whose outputs are added */
    FrozenSequence(BaseRecurrentLayer<?> stock, List<Recurrence> directions) {
        super(stock);
        this.stock = stock;
        this.directions = List.copyOf(directions);
        this.timeBeforeFeatures = stock.getDataFormat() == RNNFormat.NWC;
    }

    @Override
    public RecurrentLayer recurrent() {
        return stock;
    }

    @Override
    INDArray forward(LayerWorkspaceMgr workspaces) {
        return forward(Map.of(), workspaces);
    }

    @Override
    public INDArray rnnActivateUsingStoredState(
            INDArray input, boolean training, boolean storeLastForTbptt, LayerWorkspaceMgr workspaces) {
        if (!training || directions.size() > 1) {
            return stock.rnnActivateUsingStoredState(input, false, storeLastForTbptt, workspaces);
        }
        setInput(input, workspaces);
        INDArray result = forward(stock.rnnGetTBPTTState(), workspaces);
        if (storeLastForTbptt) {
            stock.rnnSetTBPTTState(directions.get(0).lastState());
        }
        return result;
    }

    private INDArray forward(Map<String, INDArray> state, LayerWorkspaceMgr workspaces) {
        INDArray x = timeLast(stock.input()).castTo(stock.getDataType());
        Optional<INDArray> mask = Optional.ofNullable(stock.getMaskArray());
        INDArray outputs = directions.get(0).forward(x, mask, state, workspaces);
        boolean kept = isShowing() || directions.size() > 1; // others may overwrite what is handed up
        INDArray sum = kept ? workspaces.dup(ArrayType.ACTIVATIONS, outputs, 'f') : outputs;
        for (Recurrence other : directions.subList(1, directions.size())) {
            sum.addi(other.forward(x, mask, state, workspaces));
        }
        keepForward();
        return timeLast(sum);
    }

    /** Swaps features and time where the layer has the time first; its own inverse. */
    private INDArray timeLast(INDArray sequence) {
        return timeBeforeFeatures && sequence.rank() == 3 ? sequence.permute(0, 2, 1) : sequence;
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        return backward(epsilon, Integer.MAX_VALUE, workspaces);
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> tbpttBackpropGradient(
            INDArray epsilon, int length, LayerWorkspaceMgr workspaces) {
        return backward(epsilon, length, workspaces);
    }

    private Pair<Gradient, @Nullable INDArray> backward(INDArray epsilon, int most, LayerWorkspaceMgr workspaces) {
        requireForward(workspaces);
        INDArray errors = timeLast(epsilon).castTo(stock.getDataType());
        int steps = (int) Math.min(most, errors.size(2));
        List<INDArray> deltas = directions.stream()
                .map(direction -> direction.backward(errors, steps))
                .toList();
        shown = isShowing() ? rows(deltas) : List.of();
        return new Pair<>(new DefaultGradient(), isInputWanted() ? inputGradient(deltas, workspaces) : null);
    }

    private INDArray inputGradient(List<INDArray> deltas, LayerWorkspaceMgr workspaces) {
        INDArray first = deltas.get(0);
        INDArray dx = workspaces.createUninitialized(
                ArrayType.ACTIVATION_GRAD,
                first.dataType(),
                new long[] {first.size(0) * first.size(2), directions.get(0).inputs()},
                'f');
        for (int k = 0; k < deltas.size(); k++) {
            directions.get(k).product().backward(deltas.get(k), dx, k == 0 ? 0 : 1);
        }
        INDArray sequence = SequenceProduct.sequence(dx, first.size(0));
        return timeBeforeFeatures ? sequence : sequence.permute(0, 2, 1);
    }

    private List<WeightRows> rows(List<INDArray> deltas) {
        INDArray x = SequenceProduct.rows(timeLast(stock.input()).castTo(stock.getDataType()));
        return IntStream.range(0, deltas.size())
                .mapToObj(k -> rows(x, directions.get(k), SequenceProduct.rows(deltas.get(k))))
                .flatMap(List::stream)
                .toList();
    }

    /** Of the input weights, {@code xᵀd}, and of the recurrent ones, {@code hᵀd} with the outputs that each step started from. */
    private static List<WeightRows> rows(INDArray x, Recurrence direction, INDArray d) {
        return List.of(new WeightRows(x, d), new WeightRows(SequenceProduct.rows(direction.previousOutputs()), d));
    }

    @Override
    List<WeightRows> shown() {
        return shown;
    }

    /** One of each direction. */
    @Override
    List<INDArray> shownOfBiases() {
        return IntStream.range(0, shown.size() / 2)
                .mapToObj(k -> shown.get(2 * k).d())
                .toList();
    }

    @Override
    public void clear() {
        super.clear();
        directions.forEach(Recurrence::clear);
        shown = List.of();
    }
}
