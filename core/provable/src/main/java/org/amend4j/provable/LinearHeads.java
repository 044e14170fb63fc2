/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.Clipping.Unit;
import org.amend4j.internal.graph.HeadObjectives;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.numeric.Summation;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordObjective;
import org.amend4j.provable.ProvableProblem.Kind;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.unlearn.RoundingModel;

/** One output layer is trained and nothing else. */
final class LinearHeads {

    /**
     * For either way of computing it. FloatSlack allows 8 units for a logistic residual. Deeplearning4j's is the residual over a(1 - a) times σ': exp 4,
     * quotient 1, residual 1, a(1 - a) 2, quotient 1, σ' 3, product 1, product with the feature 1; at most 14 units, which
     * the allowance for this many logits covers.
     */
    static final int LOGISTIC_ROUNDINGS = 8;

    private LinearHeads() {}

    static ProvableProblem of(ExaminedGraph situation, String name, DenseForm layer) {
        situation.part().requireAllIn(name, layer);
        Head head = Head.of(name, layer, situation.records(), 0);
        Constant radius = Features.radius(situation, name, layer.inputs());
        double x = layer.biasKey().isPresent() ? Features.withConstant(radius.value()) : radius.value();
        requireSmallLogits(situation, name, head, x);
        LossBounds bounds = ExaminedGraph.scaled(head.loss().bounds(x), head.largestWeight(), radius)
                .withCurvature(situation.convex());
        Optional<Clipping> clipping =
                situation.options().gradients().clipping().filter(clip -> ExaminedGraph.acts(bounds, clip));
        boolean logistic = head.loss() instanceof LinearHead.Logistic;
        LossBounds known = clipping.map(clip -> ExaminedGraph.clipped(bounds, clip, logistic))
                .orElse(bounds);
        boolean narrow = clipping.isEmpty() && isNarrow(situation, name, head, layer);
        RecordObjective objective = narrow
                ? byRow(situation, logistic, layer)
                : situation.objectives().of(clipping);
        Optional<RoundingModel> rounding = clipping.isPresent() || head.weighted() || !layer.stock()
                ? Optional.empty()
                : rounding(head, x, layer, narrow ? Summation.PAIRWISE : Summation.NAIVE);
        return new ProvableProblem(
                        Kind.LINEAR_HEAD,
                        objective,
                        situation.objectives().parameters(),
                        situation.withDiameter(known),
                        situation.wholeBall(objective.dimension()),
                        clipping.map(Clipping::unit).orElse(Unit.RECORD),
                        rounding,
                        notes(situation, clipping))
                .withLossAtZero(head.lossAt(0));
    }

    private static boolean isNarrow(ExaminedGraph situation, String name, Head head, DenseForm layer) {
        TrainedPart part = situation.part();
        return situation.options().gradients().method() == GradientMethod.BY_ROW
                && layer.stock()
                && layer.outputs() <= GradientMethod.FEW
                && !head.weighted()
                && !(head.loss() instanceof LinearHead.Sigmoids)
                && part.networkInput(part.inputs(name).get(0)).equals(Optional.of(0));
    }

    private static HeadObjective byRow(ExaminedGraph situation, boolean logistic, DenseForm layer) {
        HeadObjective plain =
                logistic ? HeadObjectives.logistic(situation.records()) : HeadObjectives.softmax(situation.records());
        HeadObjective whole = layer.biasKey().isPresent() ? plain.withBias() : plain;
        ProvableOptions options = situation.options();
        HeadObjective decayed = whole.withWeightDecay(options.weightDecay());
        return options.normaliser().isPresent()
                ? decayed.withNormaliser(options.normaliser().getAsDouble())
                : decayed;
    }

    private static List<String> notes(ExaminedGraph situation, Optional<Clipping> clipping) {
        boolean idle =
                clipping.isEmpty() && situation.options().gradients().clipping().isPresent();
        return idle
                ? situation
                        .noting("clipping is left out: no record's gradient can reach its bound")
                        .notes()
                : situation.notes();
    }

    private static void requireSmallLogits(ExaminedGraph situation, String name, Head head, double x) {
        OptionalDouble radius = situation.options().balls().parameterRadius();
        double reached = radius.isPresent() ? radius.getAsDouble() * x : Double.POSITIVE_INFINITY;
        if (reached > head.largestLogit()) {
            throw new NotProvedException(
                            "layer '" + name + "' " + head.clips() + ": keep the parameters within "
                                    + head.largestLogit() / x,
                            EnablingOption.PARAMETER_RADIUS)
                    .and(", or use two softmax outputs, or new LossBinaryXENT(0.0), whose gradient is NaN beyond logits"
                            + " of 36");
        }
    }

    private static Optional<RoundingModel> rounding(Head head, double x, DenseForm layer, Summation summation) {
        int inputs = layer.inputs() + (layer.biasKey().isPresent() ? 1 : 0);
        if (head.loss() instanceof LinearHead.Logistic) {
            return Optional.of(new RoundingModel.Head(
                    summation, head.loss().bounds(x).gradientBound().value(), x, inputs, LOGISTIC_ROUNDINGS));
        }
        return head.loss() instanceof LinearHead.Softmax
                ? Optional.of(new RoundingModel.Head(
                        summation, head.loss().bounds(x).gradientBound().value(), x, inputs, layer.outputs()))
                : Optional.empty();
    }
}
