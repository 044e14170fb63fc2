/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.backend.ActivationKernels;
import org.amend4j.internal.backend.ClippingKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.compiler.PlacedTokens.LabelledRows;
import org.amend4j.internal.network.Operation.TokenLoss;
import org.amend4j.internal.network.Values.Slice;

/**
 * A trained head whose gradients are clipped by share. Logits are never all there: those of a share's rows, and their derivatives, are made
 * again for its norm, and once more for the gradient.
 *
 * @param read what the head reads of rows with labels
 * @param logits of a share, and then the derivatives there
 * @param losses of its rows
 * @param sums scratch for the bias's gradient, if it trains
 */
record ClippedHead(
        PlanSteps steps,
        String vertex,
        TokenLoss loss,
        ToVocabulary weight,
        Value read,
        Value logits,
        Value losses,
        Optional<Value> sums) {

    /** Rows of a share that has several examples. */
    private static final int ROWS_TOGETHER = 128;

    /** @param mostTokens of an example */
    static ClippedHead of(PlanSteps steps, String vertex, TokenLoss loss, Value read, int mostTokens) {
        int most = Math.max(ROWS_TOGETHER, mostTokens);
        return new ClippedHead(
                steps,
                vertex,
                loss,
                new ToVocabulary(loss, read.columns(), steps, most, false),
                read,
                steps.fixed(vertex + " logits of a share", most, loss.vocabulary()),
                steps.fixed(vertex + " losses of a share", most, 1),
                loss.bias()
                        .filter(Slice.class::isInstance)
                        .map(bias -> steps.fixed(
                                vertex + " sums of a share",
                                Math.toIntExact(ActivationKernels.sumsScratch(most, 1)),
                                loss.vocabulary())));
    }

    /** The rows with labels of a share: the derivatives at their logits, and what the head reads of them. */
    private record Rows(MatrixView deltas, MatrixView x) {

        int count() {
            return x.rows();
        }
    }

    private void add(String what, Value other, Stream<Value> written, PlanStep.Action action) {
        double size = (double) read.columns() * loss.vocabulary();
        steps.add(
                vertex,
                what + " " + Products.shape(loss.vocabulary(), read.columns()),
                List.of(read, other),
                Stream.concat(Stream.of(logits, losses), written).toList(),
                new Work(4 * size, 3.0 * loss.vocabulary(), size),
                action);
    }

    /** Adds to the norms of shares. */
    void addNorms(Value norms) {
        add(
                "+ norms of the gradient",
                norms,
                Stream.of(norms),
                b -> b.shareRows()
                        .forEach(share ->
                                differentiated(share).ifPresent(rows -> addNorm(b, rows, share.perShare(norms)))));
    }

    private void addNorm(Bindings b, Rows rows, MachineArray norm) {
        ClippingKernels clipping = b.kernels().clipping();
        MatrixView x = rows.x();
        MatrixView y = rows.deltas();
        double numbers = (double) x.columns() * y.columns();
        if (rows.count() == 1 || (double) rows.count() * (x.columns() + y.columns()) <= numbers) {
            clipping.addProductNorms(x, y, 1, b.arithmetic().products(), norm, rows.count());
        } else {
            MachineArray formed = b.gradient((Slice) loss.weight());
            weight.train(b, y.array(), x.array(), rows.count(), false);
            clipping.addFormedNorms(formed, x, y, 1, b.arithmetic().products(), norm, rows.count());
        }
        if (sums.isPresent()) {
            clipping.addSumNorms(y, norm, rows.count());
        }
    }

    /** Writes the gradient of weighted rows. */
    void write(Value weights) {
        add("gradient of weighted rows", weights, sums.stream(), b -> {
            b.machine().fill(b.gradient((Slice) loss.weight()), 0);
            if (sums.isPresent()) {
                b.machine().fill(b.gradient((Slice) loss.bias().orElseThrow()), 0);
            }
            b.shareRows()
                    .forEach(share ->
                            differentiated(share).ifPresent(rows -> addGradient(b, rows, share.perShare(weights))));
        });
    }

    private void addGradient(Bindings b, Rows rows, MachineArray ofShare) {
        MatrixView y = rows.deltas();
        b.kernels().clipping().scaleRows(y, ofShare, y, rows.count());
        weight.train(b, y.array(), rows.x().array(), rows.count(), true);
        sums.ifPresent(scratch -> TokenLossSteps.trainBias(b, loss, y, b.array(scratch), 1));
    }

    /** Empty if a share has no labels. */
    private Optional<Rows> differentiated(ShareRows share) {
        Bindings b = share.b();
        LabelledRows labelled = b.tokens().labelled(loss.label());
        int from = labelled.starts().get(share.firstExample());
        int count = labelled.starts().get(share.firstExample() + share.examples()) - from;
        if (count == 0) {
            return Optional.empty();
        }
        MachineArray x = b.array(read).slice((long) from * read.columns(), (long) count * read.columns());
        MachineArray y = b.array(logits).slice(0, (long) count * loss.vocabulary());
        MatrixView rows = MatrixView.of(y, count, loss.vocabulary());
        weight.multiply(b, x, y, count);
        loss.bias().ifPresent(bias -> TokenLossSteps.add(b, bias, rows));
        b.kernels()
                .loss()
                .tokenCrossEntropy(
                        rows,
                        labelled.labels().slice(from, count),
                        Optional.of(labelled.weights().slice(from, count)),
                        b.array(losses).slice(0, count),
                        Optional.of(rows));
        return Optional.of(new Rows(rows, MatrixView.of(x, count, read.columns())));
    }
}
