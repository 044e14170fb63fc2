/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.backend.ActivationKernels;
import org.amend4j.internal.network.LowRank;

/**
 * Where the two passes hand over what trains: its gradients are made at once, or, where every example's share is clipped, when all of
 * it is known. Nothing of the size of a frozen weight is made, but in {@link Variant#WEIGHT_GRADIENTS}.
 */
final class ParameterSteps {

    private final PlanSteps steps;
    private final ParameterGradients gradients;
    private final Optional<ClippedGradients> clipped;
    private final int mostTokens;
    private int rows = 1;

    /** @param mostTokens of an example */
    ParameterSteps(PlanSteps steps, LowRankSteps lowRank, Variant variant, int mostTokens) {
        this.steps = steps;
        this.mostTokens = mostTokens;
        this.gradients = new ParameterGradients(steps, lowRank, variant == Variant.WEIGHT_GRADIENTS);
        this.clipped =
                variant == Variant.CLIPPED ? Optional.of(new ClippedGradients(steps, gradients)) : Optional.empty();
    }

    /** Whether gradients wait for the norms: rows that are handed over must stay as they are until the end. */
    boolean areDeferred() {
        return clipped.isPresent();
    }

    /** The adapters whose weights' gradients are made. */
    List<LowRank> adapters() {
        return gradients.adapters();
    }

    void add(TrainedRows trained) {
        Value delta = trained.delta().value();
        rows = Math.max(rows, delta.per() == RowUnit.TOKEN ? delta.rowsOf(mostTokens) : delta.rows());
        clipped.ifPresentOrElse(waiting -> waiting.add(trained), () -> gradients.write(trained));
    }

    /** A head whose gradients wait for the norms. */
    void add(ClippedHead head) {
        rows = Math.max(rows, mostTokens);
        clipped.orElseThrow().add(head);
    }

    /** Of an example. */
    int mostTokens() {
        return mostTokens;
    }

    /** The most rows that an example has in what was added so far. */
    int rows() {
        return rows;
    }

    /** Appends what waited for the last rows. */
    void finish() {
        clipped.ifPresent(ClippedGradients::finish);
    }

    /** A place for the sums of chunks of rows; at least as long as {@link ActivationKernels#sumsScratch} wants it. */
    Value sumsScratch(String vertex, Value rows) {
        return ParameterGradients.sumsScratch(steps, vertex, rows);
    }
}
