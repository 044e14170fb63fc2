/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.machine.ActivationKernels;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.amend4j.network.Activation;
import org.amend4j.network.Operation.TokenLoss;
import org.amend4j.network.UnsupportedNetworkException;
import org.amend4j.network.Values;
import org.amend4j.network.Values.Constant;
import org.amend4j.network.Values.Slice;
import org.amend4j.plan.PlacedTokens.LabelledRows;

/**
 * The end of language models. Only rows with labels are multiplied with the vocabulary, some at a time, and what goes back is made of their
 * logits at once: these are never all there.
 */
final class TokenLossSteps implements OperationSteps<TokenLoss> {

    /** Rows whose logits exist at once. */
    private static final int CHUNK = 256;

    private final Passes passes;
    private final LossSum sum;
    private final Map<Integer, Value> backs = new HashMap<>();

    /** @param sum of the losses of all outputs */
    TokenLossSteps(Passes passes, LossSum sum) {
        this.passes = passes;
        this.sum = sum;
    }

    /**
     * Where values of rows with labels are.
     *
     * @param read what the head reads of them
     * @param logits of a chunk, and then the derivative there
     * @param losses of each
     * @param sums scratch for the bias's gradient, if it trains
     * @param back the derivative at what is read, if it is needed
     */
    private record Places(Value read, Value logits, Value losses, Optional<Value> sums, Optional<Value> back) {

        List<Value> written() {
            return Stream.of(Optional.of(logits), Optional.of(losses), sums, back)
                    .flatMap(Optional::stream)
                    .toList();
        }
    }

    @Override
    public Value forward(int node, TokenLoss loss) {
        String vertex = passes.vertex(node);
        Value x = passes.input(node, 0);
        PlanSteps steps = passes.steps();
        Places places = new Places(
                steps.per(Per.TOKEN, vertex + " labelled rows", 1, x.columns()),
                steps.fixed(vertex + " logits", CHUNK, loss.vocabulary()),
                steps.per(Per.TOKEN, vertex + " losses of tokens", 1, 1),
                trains(node, loss) && loss.bias().isPresent()
                        ? Optional.of(steps.fixed(
                                vertex + " sums of logits' gradients",
                                Math.toIntExact(ActivationKernels.sumsScratch(CHUNK, 1)),
                                loss.vocabulary()))
                        : Optional.empty(),
                passes.isInputLive(node, 0)
                        ? Optional.of(steps.per(Per.TOKEN, vertex + " labelled gradient", 1, x.columns()))
                        : Optional.empty());
        gather(vertex, loss, x, places.read());
        compare(node, loss, places);
        places.back().ifPresent(back -> backs.put(node, back));
        Value losses = sum.place(vertex);
        addUp(vertex, loss, places.losses(), losses);
        sum.add(vertex, losses);
        return losses;
    }

    private void gather(String vertex, TokenLoss loss, Value x, Value read) {
        passes.steps()
                .add(vertex, "rows with labels", List.of(x), List.of(read), Work.through(2.0 * x.columns()), b -> {
                    LabelledRows labelled = b.tokens().labelled(loss.label());
                    b.kernels().embedding().gather(b.matrix(x), labelled.rows(), rows(b, read, 0, labelled.count()));
                });
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
                && loss.weight() instanceof Slice
                && passes.parameters().areDeferred()) {
            throw new UnsupportedNetworkException("vertex '" + passes.vertex(node)
                    + "' is a head that trains, whose gradients of single examples no kernel clips");
        }
        int products = 1 + (places.back().isPresent() ? 1 : 0) + (trains(node, loss) ? 1 : 0);
        double size = (double) places.read().columns() * loss.vocabulary();
        passes.steps()
                .add(
                        passes.vertex(node),
                        "logits " + Products.shape(CHUNK, loss.vocabulary())
                                + " at a time, cross-entropy with labels of tokens"
                                + (passes.isLive(node) ? " and its gradient" : ""),
                        List.of(places.read()),
                        places.written(),
                        new Work(2 * products * size, 3.0 * loss.vocabulary(), size),
                        chunks(node, loss, places));
    }

    private boolean trains(int node, TokenLoss loss) {
        return passes.isLive(node) && loss.weight() instanceof Slice;
    }

    private PlanStep.Action chunks(int node, TokenLoss loss, Places places) {
        int width = places.read().columns();
        ToVocabulary weight =
                new ToVocabulary(loss, width, passes.steps(), places.back().isPresent());
        boolean trains = trains(node, loss);
        return b -> {
            LabelledRows labelled = b.tokens().labelled(loss.label());
            if (trains && labelled.count() == 0) {
                b.machine().fill(b.gradient((Slice) loss.weight()), 0);
                loss.bias().ifPresent(bias -> b.machine().fill(b.gradient((Slice) bias), 0));
            }
            for (int from = 0; from < labelled.count(); from += CHUNK) {
                int count = Math.min(CHUNK, labelled.count() - from);
                MachineArray read = array(b, places.read(), from, count);
                MachineArray logits = array(b, places.logits(), 0, count);
                MatrixView rows = MatrixView.of(logits, count, loss.vocabulary());
                weight.multiply(b, read, logits, count);
                loss.bias().ifPresent(bias -> add(b, bias, rows));
                b.kernels()
                        .loss()
                        .tokenCrossEntropy(
                                rows,
                                labelled.labels().slice(from, count),
                                Optional.of(labelled.weights().slice(from, count)),
                                array(b, places.losses(), from, count),
                                passes.isLive(node) ? Optional.of(rows) : Optional.empty());
                if (places.back().isPresent()) {
                    weight.multiplyBack(b, logits, array(b, places.back().get(), from, count), count);
                }
                if (trains) {
                    weight.train(b, logits, read, count, from > 0);
                    int before = from > 0 ? 1 : 0;
                    places.sums().ifPresent(sums -> trainBias(b, loss, rows, b.array(sums), before));
                }
            }
        };
    }

    private static void add(Bindings b, Values bias, MatrixView logits) {
        Optional<MachineArray> added = Optional.of(b.parameter(bias));
        b.kernels().activation().biasActivation(logits, added, Optional.empty(), logits, Activation.IDENTITY);
    }

    private static void trainBias(Bindings b, TokenLoss loss, MatrixView dLogits, MachineArray scratch, int before) {
        MachineArray gradient = b.gradient((Slice) loss.bias().orElseThrow());
        b.kernels().activation().columnSums(dLogits, gradient, scratch, before);
    }

    /** The products of a head. */
    private static final class ToVocabulary {

        private final TokenLoss loss;
        private final int width;

        ToVocabulary(TokenLoss loss, int width, PlanSteps steps, boolean back) {
            this.loss = loss;
            this.width = width;
            if (loss.weight() instanceof Constant constant) {
                steps.multipliesWith(new ConstantMatrix(use(constant, true), width, loss.vocabulary(), Per.RUN, CHUNK));
                if (back) {
                    steps.multipliesWith(
                            new ConstantMatrix(use(constant, false), loss.vocabulary(), width, Per.RUN, CHUNK));
                }
            }
        }

        private static ConstantMatrix.Use use(Constant constant, boolean forward) {
            return new ConstantMatrix.Use(constant, forward);
        }

        void multiply(Bindings b, MachineArray rows, MachineArray logits, int count) {
            multiply(b, rows, logits, count, true);
        }

        void multiplyBack(Bindings b, MachineArray logits, MachineArray rows, int count) {
            multiply(b, logits, rows, count, false);
        }

        private void multiply(Bindings b, MachineArray from, MachineArray to, int count, boolean forward) {
            if (loss.weight() instanceof Constant constant) {
                b.factor(use(constant, forward)).multiply(from, to, count, 1, 0);
                return;
            }
            int inner = forward ? width : loss.vocabulary();
            int columns = forward ? loss.vocabulary() : width;
            b.multiply(from, false, b.parameter(loss.weight()), forward, to, count, columns, inner, 1, 0);
        }

        void train(Bindings b, MachineArray logits, MachineArray rows, int count, boolean adds) {
            MachineArray gradient = b.gradient((Slice) loss.weight());
            b.multiply(logits, true, rows, false, gradient, loss.vocabulary(), width, count, 1, adds ? 1 : 0);
        }
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
    public void backward(int node, TokenLoss loss, Flow flow) {
        Value back = backs.get(node);
        if (back == null) {
            return;
        }
        Value to = passes.freshGradient(node, 0);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradient of rows with labels, 0 of others",
                        List.of(back),
                        List.of(to),
                        Work.through(3.0 * to.columns()),
                        b -> {
                            LabelledRows labelled = b.tokens().labelled(loss.label());
                            b.machine().fill(b.array(to), 0);
                            b.kernels()
                                    .embedding()
                                    .scatterAdd(rows(b, back, 0, labelled.count()), labelled.byRow(), 1, b.matrix(to));
                        });
        passes.send(node, 0, new Flow(to, true));
    }
}
