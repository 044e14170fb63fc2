/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.List;
import java.util.Optional;
import org.amend4j.descent.SpectralNorm;
import org.amend4j.graph.Clipping.Unit;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.internal.network.HasAdapter;
import org.amend4j.internal.text.Article;
import org.amend4j.model.BaseModel;
import org.amend4j.numeric.Summation;
import org.amend4j.numeric.Upward;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.IndexRange;
import org.amend4j.objective.PartialObjective;
import org.amend4j.provable.ProvableProblem.Kind;
import org.amend4j.sensitivity.AdapterBounds;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.unlearn.ParameterBall;
import org.amend4j.unlearn.RoundingModel;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An adapter on the output layer is trained and nothing else; the layer's own weights and bias are the base's. */
final class OutputAdapters {

    /** What sums of squares may be off by, with room. */
    private static final double ABOVE = 1 + 1e-9;

    private OutputAdapters() {}

    static ProvableProblem of(ExaminedGraph situation, String name, HasAdapter adapter) {
        DenseForm layer = situation
                .part()
                .form(name)
                .filter(form -> form.loss().isPresent())
                .orElseThrow(() -> new NotProvedException("adapter '" + name + "' is on "
                        + Article.before(situation.part().kind(name))
                        + ", and constants are known on an OutputLayer only"));
        Head head = Head.of(name, layer, situation.records(), 0);
        head.requireUnclipped(name);
        Constant radius = Features.radius(situation, name, layer.inputs());
        LossBounds weights = ExaminedGraph.scaled(head.loss().bounds(radius.value()), head.largestWeight(), radius)
                .withCurvature(situation.convex());
        AdapterBlock block = situation.objectives().adapters().get(0);
        return switch (situation.options().factors()) {
            case ONLY_B ->
                onlyB(
                                situation,
                                name,
                                block,
                                weights,
                                layer.stock() ? roundingOf(situation, adapter, head, radius, block) : Optional.empty())
                        .withLossAtZero(head.lossAt(
                                Upward.multiply(baseNorm(adapter, name), Features.withConstant(radius.value()))));
            case BOTH -> both(situation, name, block, weights);
        };
    }

    private static ProvableProblem onlyB(
            ExaminedGraph situation,
            String name,
            AdapterBlock block,
            LossBounds weights,
            Optional<RoundingModel> rounding) {
        if (situation.options().gradients().clipping().isPresent()) {
            throw new IllegalArgumentException("B alone of adapter '" + name
                    + "' must be trained without clipping: its features' radius bounds the gradients already");
        }
        double[] all = situation.objectives().parameters();
        double norm = SpectralNorm.ofA(all, block);
        IndexRange b = new IndexRange(block.offsetB(), block.offsetB() + block.sizeB());
        PartialObjective objective = PartialObjective.of(situation.objectives().of(Optional.empty()), List.of(b), all);
        ExaminedGraph noted = situation.noting("the frozen factor A of adapter '" + name
                + "' must come from a public seed, not from training on these records; its spectral norm is at most "
                + norm);
        LossBounds bounds = AdapterBounds.frozenA(block.scaling(), norm, weights);
        return new ProvableProblem(
                Kind.FROZEN_A,
                objective,
                objective.free(all),
                noted.withDiameter(bounds),
                noted.wholeBall(objective.dimension()),
                Unit.RECORD,
                rounding,
                noted.notes());
    }

    /** Of a softmax and of one logit without class weights; others have not been analysed. */
    private static Optional<RoundingModel> roundingOf(
            ExaminedGraph situation, HasAdapter adapter, Head head, Constant radius, AdapterBlock block) {
        boolean softmax = head.loss() instanceof LinearHead.Softmax;
        if (head.weighted() || !(softmax || head.loss() instanceof LinearHead.Logistic)) {
            return Optional.empty();
        }
        String name = block.layer();
        double[] all = situation.objectives().parameters();
        IndexRange a = new IndexRange(block.offsetA(), block.offsetA() + block.sizeA());
        return Optional.of(new RoundingModel.AdaptedHead(
                Summation.NAIVE,
                head.loss().outputGradient(),
                radius.value(),
                block.scaling() * ParameterBall.of(a, 1).norm(all) * ABOVE,
                baseNorm(adapter, name),
                block.rows(),
                block.rank(),
                softmax ? block.columns() : LinearHeads.LOGISTIC_ROUNDINGS));
    }

    /** A bound of the norm of the layer's own weights and bias, which are the base's. */
    private static double baseNorm(HasAdapter adapter, String name) {
        INDArray base = BaseModel.require(adapter.base(), name).flatParameters(name, DataType.DOUBLE);
        return base.norm2Number().doubleValue() * ABOVE;
    }

    private static ProvableProblem both(ExaminedGraph situation, String name, AdapterBlock block, LossBounds weights) {
        double radius = situation
                .options()
                .balls()
                .parameterRadius()
                .orElseThrow(() -> new NotProvedException(
                        "both factors of adapter '" + name + "' must be kept in a ball: give its radius",
                        EnablingOption.PARAMETER_RADIUS));
        AdapterBounds.Ball ball = new AdapterBounds.Ball(block.scaling(), weights.gradientBound(), radius);
        LossBounds plain = AdapterBounds.bothFactors(weights.lipschitz(), List.of(ball));
        return situation.inBalls(
                Kind.BOTH_FACTORS,
                plain,
                situation.wholeBall(situation.objectives().parameters().length));
    }
}
