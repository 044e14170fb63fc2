/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.backend.ActivationKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.compiler.PlacedTokens.LabelledRows;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Operation.TokenLoss;
import org.amend4j.internal.network.Values;
import org.amend4j.internal.network.Values.Slice;
import org.amend4j.model.UnsupportedNetworkException;

/**
 * The end of language models. Only rows with labels are multiplied with the vocabulary, some at a time, and what goes back is made of their
 * logits at once: these are never all there.
 */
final class TokenLossSteps implements OperationSteps<TokenLoss> {

    /** Rows whose logits exist at once. */
    private static final int CHUNK = 256;

    private final GraphCompiler passes;
    private final LossSum sum;
    private final AdapterInput adapterInput;
    private final Map<Integer, Places> places = new HashMap<>();

    /** @param sum of the losses of all outputs */
    TokenLossSteps(GraphCompiler passes, LossSum sum) {
        this.passes = passes;
        this.sum = sum;
        this.adapterInput = new AdapterInput(passes.steps());
    }

    /**
     * Where values of rows with labels are.
     *
     * @param read what the head reads of them
     * @param logits of a chunk, and then the derivative there
     * @param losses of each
     * @param sums scratch for the bias's gradient, if it trains
     * @param adapter of the head, if it has one
     * @param back the derivative at what is read, if it is needed
     */
    private record Places(
            Value read,
            Value logits,
            Value losses,
            Optional<Value> sums,
            Optional<HeadAdapter> adapter,
            Optional<Value> back) {

        List<Value> reads() {
            return Stream.concat(Stream.of(read), adapter.map(HeadAdapter::read).stream())
                    .distinct()
                    .toList();
        }

        List<Value> written() {
            Stream<Value> own = Stream.of(Optional.of(logits), Optional.of(losses), sums, back)
                    .flatMap(Optional::stream);
            return Stream.concat(own, adapter.stream().flatMap(HeadAdapter::written))
                    .toList();
        }
    }

    @Override
    public Value forward(int node, TokenLoss loss) {
        String vertex = passes.vertex(node);
        Value x = passes.input(node, 0);
        PlanSteps steps = passes.steps();
        boolean back = passes.isInputLive(node, 0);
        Value read = labelled(vertex, "labelled rows", loss, x);
        Places found = new Places(
                read,
                steps.fixed(vertex + " logits", CHUNK, loss.vocabulary()),
                steps.per(RowUnit.TOKEN, vertex + " losses of tokens", 1, 1),
                trains(node, loss) && loss.bias().isPresent()
                        ? Optional.of(steps.fixed(
                                vertex + " sums of logits' gradients",
                                Math.toIntExact(ActivationKernels.sumsScratch(CHUNK, 1)),
                                loss.vocabulary()))
                        : Optional.empty(),
                loss.adapter().map(adapter -> {
                    Value low = adapter.drops() ? readByAdapter(node, loss, adapter, x) : read;
                    return HeadAdapter.of(steps, vertex, adapter, low, CHUNK, back);
                }),
                back
                        ? Optional.of(steps.per(RowUnit.TOKEN, vertex + " labelled gradient", 1, x.columns()))
                        : Optional.empty());
        places.put(node, found);
        compare(node, loss, found);
        if (passes.isLive(node) && loss.weight() instanceof Slice && !trains(node, loss)) {
            passes.parameters()
                    .add(ClippedHead.of(
                            steps, vertex, loss, read, passes.parameters().mostTokens()));
        }
        Value losses = sum.place(vertex);
        addUp(vertex, loss, found.losses(), losses);
        sum.add(vertex, losses);
        return losses;
    }

    private Value readByAdapter(int node, TokenLoss loss, LowRank adapter, Value x) {
        Value dropped = adapterInput.dropped(passes.node(node), adapter, x);
        return labelled(passes.vertex(node), "adapter's labelled rows", loss, dropped);
    }

    /** The rows with labels. */
    private Value labelled(String vertex, String name, TokenLoss loss, Value x) {
        Value read = passes.steps().per(RowUnit.TOKEN, vertex + " " + name, 1, x.columns());
        passes.steps()
                .add(vertex, "rows with labels", List.of(x), List.of(read), Work.through(2.0 * x.columns()), b -> {
                    LabelledRows labelled = b.tokens().labelled(loss.label());
                    b.kernels().embedding().gather(b.matrix(x), labelled.rows(), rows(b, read, 0, labelled.count()));
                });
        return read;
    }

    /** Some rows of a value. */
    private static MatrixView rows(Bindings b, Value value, int from, int count) {
        return MatrixView.of(array(b, value, from, count), count, value.columns());
    }

    private static MachineArray array(Bindings b, Value value, int from, int count) {
        return b.array(value).slice((long) from * value.columns(), (long) count * value.columns());
    }

    private void compare(int node, TokenLoss loss, Places places) {
        if (passes.isLive(node)
                && loss.adapter().isPresent()
                && passes.parameters().areDeferred()) {
            throw new UnsupportedNetworkException("vertex '" + passes.vertex(node)
                    + "' is a head with an adapter, whose gradients of single examples no kernel clips");
        }
        int products = 1 + (places.back().isPresent() ? 1 : 0) + (trains(node, loss) ? 1 : 0);
        double size = (double) places.read().columns() * loss.vocabulary();
        double small = loss.adapter()
                .map(adapter -> (double) adapter.rank()
                        * (loss.vocabulary() + places.read().columns()))
                .orElse(0.0);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "logits " + Products.shape(CHUNK, loss.vocabulary())
                                + (loss.adapter().isPresent() ? " with an adapter's" : "")
                                + " at a time, cross-entropy with labels of tokens"
                                + (passes.isLive(node) ? " and its gradient" : ""),
                        places.reads(),
                        places.written(),
                        new Work(2 * products * size + 6 * small, 3.0 * loss.vocabulary(), size + small),
                        chunks(node, loss, places));
    }

    /** Whether the gradient of the weight is made of each chunk. */
    private boolean trains(int node, TokenLoss loss) {
        return passes.isLive(node)
                && loss.weight() instanceof Slice
                && !passes.parameters().areDeferred();
    }

    private PlanStep.Action chunks(int node, TokenLoss loss, Places places) {
        int width = places.read().columns();
        ToVocabulary weight = new ToVocabulary(
                loss, width, passes.steps(), CHUNK, places.back().isPresent());
        boolean trains = trains(node, loss);
        boolean live = passes.isLive(node);
        return b -> {
            LabelledRows labelled = b.tokens().labelled(loss.label());
            if (trains && labelled.count() == 0) {
                b.machine().fill(b.gradient((Slice) loss.weight()), 0);
                loss.bias().ifPresent(bias -> b.machine().fill(b.gradient((Slice) bias), 0));
            }
            if (live && labelled.count() == 0) {
                places.adapter().ifPresent(adapter -> adapter.zero(b));
            }
            for (int from = 0; from < labelled.count(); from += CHUNK) {
                int count = Math.min(CHUNK, labelled.count() - from);
                boolean adds = from > 0;
                MachineArray read = array(b, places.read(), from, count);
                MachineArray logits = array(b, places.logits(), 0, count);
                HeadAdapter.Some some = new HeadAdapter.Some(from, count, logits);
                MatrixView rows = MatrixView.of(logits, count, loss.vocabulary());
                weight.multiply(b, read, logits, count);
                places.adapter().ifPresent(adapter -> adapter.add(b, some));
                loss.bias().ifPresent(bias -> add(b, bias, rows));
                b.kernels()
                        .loss()
                        .tokenCrossEntropy(
                                rows,
                                labelled.labels().slice(from, count),
                                Optional.of(labelled.weights().slice(from, count)),
                                array(b, places.losses(), from, count),
                                live ? Optional.of(rows) : Optional.empty());
                Optional<MachineArray> back = places.back().map(all -> some.of(b, all));
                back.ifPresent(to -> weight.multiplyBack(b, logits, to, count));
                if (live) {
                    places.adapter().ifPresent(adapter -> adapter.differentiate(b, some, adds, back));
                }
                if (trains) {
                    weight.train(b, logits, read, count, adds);
                    places.sums().ifPresent(sums -> trainBias(b, loss, rows, b.array(sums), adds ? 1 : 0));
                }
            }
        };
    }

    static void add(Bindings b, Values bias, MatrixView logits) {
        Optional<MachineArray> added = Optional.of(b.parameter(bias));
        b.kernels().activation().biasActivation(logits, added, Optional.empty(), logits, Activation.IDENTITY);
    }

    static void trainBias(Bindings b, TokenLoss loss, MatrixView dLogits, MachineArray scratch, int before) {
        MachineArray gradient = b.gradient((Slice) loss.bias().orElseThrow());
        b.kernels().activation().columnSums(dLogits, gradient, scratch, before);
    }

    private void addUp(String vertex, TokenLoss loss, Value ofTokens, Value losses) {
        passes.steps()
                .add(vertex, "mean of losses of tokens", List.of(ofTokens), List.of(losses), Work.through(2), b -> {
                    LabelledRows labelled = b.tokens().labelled(loss.label());
                    b.machine().fill(b.array(losses), 0);
                    b.kernels()
                            .embedding()
                            .scatterAdd(
                                    rows(b, ofTokens, 0, labelled.count()), labelled.byExample(), 1, b.matrix(losses));
                });
    }

    @Override
    public void backward(int node, TokenLoss loss, GradientFlow flow) {
        Places found = Objects.requireNonNull(places.get(node));
        if (found.back().isEmpty()) {
            return;
        }
        Value to = passes.freshGradient(node, 0);
        place(node, loss, found.back().get(), to);
        found.adapter().flatMap(HeadAdapter::through).ifPresent(through -> {
            Value ofAll = passes.freshGradient(node, 0);
            place(node, loss, through, ofAll);
            adapterInput.addBack(passes.node(node), loss.adapter().orElseThrow(), ofAll, to);
        });
        passes.send(node, 0, new GradientFlow(to, true));
    }

    /** Puts rows with labels to where they belong. */
    private void place(int node, TokenLoss loss, Value ofLabelled, Value to) {
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradient of rows with labels, 0 of others",
                        List.of(ofLabelled),
                        List.of(to),
                        Work.through(3.0 * to.columns()),
                        b -> {
                            LabelledRows labelled = b.tokens().labelled(loss.label());
                            b.machine().fill(b.array(to), 0);
                            b.kernels()
                                    .embedding()
                                    .scatterAdd(
                                            rows(b, ofLabelled, 0, labelled.count()),
                                            labelled.byRow(),
                                            1,
                                            b.matrix(to));
                        });
    }
}
