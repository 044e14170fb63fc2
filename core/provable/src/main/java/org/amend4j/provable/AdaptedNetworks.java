/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.internal.network.HasAdapter;
import org.amend4j.internal.network.StandsOnBase;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.IndexRange;
import org.amend4j.provable.ProvableProblem.Kind;
import org.amend4j.sensitivity.AdapterBounds;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.NetworkLayer;
import org.amend4j.sensitivity.SmoothNetwork;
import org.amend4j.unlearn.ParameterBall;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Adapters, both factors trained, in a chain of dense layers with smooth activations up to the output layer; weights and biases
 * are the public base's. Every adapter is kept in a ball of radius R, so that its layer's weights stay within sR²/2 of the base's:
 * the constants of {@link SmoothNetwork} in the weights, and {@link AdapterBounds#bothFactors} from there to the factors
 * (docs/unlearning.md, (5)).
 */
final class AdaptedNetworks {

    /** What the norms of the base's arrays may be off by, with room. */
    private static final double ABOVE = 1 + 1e-9;

    private AdaptedNetworks() {}

    /** A layer of the chain. */
    private record Link(String name, DenseForm form, StandsOnBase layer) {

        Optional<HasAdapter> adapter() {
            return layer instanceof HasAdapter adapter ? Optional.of(adapter) : Optional.empty();
        }
    }

    static ProvableProblem of(ExaminedGraph situation) {
        List<Link> chain = chain(situation.part());
        double radius = situation
                .options()
                .balls()
                .parameterRadius()
                .orElseThrow(() -> new NotProvedException(
                        "the factors of adapters " + situation.part().names()
                                + " must be kept in a ball each: give its radius",
                        EnablingOption.PARAMETER_RADIUS));
        if (situation.options().factors() != TrainedFactors.BOTH) {
            throw new NotProvedException(
                    "adapters below the output layer are known with both factors trained only, got "
                            + situation.options().factors(),
                    EnablingOption.BOTH_FACTORS);
        }
        Link top = chain.get(chain.size() - 1);
        Head head = Head.of(top.name, top.form, situation.records(), 0);
        head.requireUnclipped(top.name);
        Constant features =
                Features.radius(situation, chain.get(0).name, chain.get(0).form.inputs());
        List<NetworkLayer> layers =
                chain.stream().map(link -> layer(link, radius)).toList();
        LossBounds weights = ExaminedGraph.scaled(
                SmoothNetwork.bounds(features.value(), layers, head.loss()), head.largestWeight(), features);
        return problem(situation, weights, radius);
    }

    private static ProvableProblem problem(ExaminedGraph situation, LossBounds weights, double radius) {
        List<AdapterBounds.Ball> bounds = new ArrayList<>();
        List<ParameterBall> balls = new ArrayList<>();
        for (AdapterBlock block : situation.objectives().adapters()) {
            bounds.add(new AdapterBounds.Ball(block.scaling(), weights.gradientBound(), radius));
            IndexRange a = new IndexRange(block.offsetA(), block.offsetA() + block.sizeA());
            IndexRange b = new IndexRange(block.offsetB(), block.offsetB() + block.sizeB());
            balls.add(new ParameterBall(a.from() < b.from() ? List.of(a, b) : List.of(b, a), radius));
        }
        LossBounds plain = AdapterBounds.bothFactors(weights.lipschitz(), bounds);
        return situation.inBalls(Kind.ADAPTED_NETWORK, plain, balls);
    }

    /** From the lowest adapter to the output. */
    private static List<Link> chain(TrainedPart part) {
        List<Link> chain = new ArrayList<>();
        String name = part.names().get(0);
        while (true) {
            boolean last = part.isOnlyOutput(name);
            chain.add(link(part, name, last, chain.isEmpty()));
            if (last) {
                break;
            }
            List<String> readers = part.readers(name);
            if (readers.size() != 1) {
                throw new NotProvedException(
                        "layer '" + name + "' must be one of a chain up to the only output, got readers " + readers);
            }
            name = readers.get(0);
        }
        List<String> outside = part.names().stream()
                .filter(trained -> chain.stream().noneMatch(link -> link.name.equals(trained)))
                .toList();
        if (!outside.isEmpty()) {
            throw new NotProvedException(
                    "constants are known for adapters in one chain of dense layers, got " + outside + " beside it");
        }
        return chain;
    }

    private static Link link(TrainedPart part, String name, boolean last, boolean first) {
        Layer layer = part.layer(name)
                .orElseThrow(() -> new NotProvedException("'" + name + "' above adapters is not a dense layer"));
        if (!(layer instanceof StandsOnBase ofBase)) {
            throw new NotProvedException(
                    "layer '" + name + "' must be the base's, adapted or not; nothing else may be trained");
        }
        if (part.names().contains(name) && !(layer instanceof HasAdapter)) {
            throw new NotProvedException(
                    "layer '" + name + "' trains more than an adapter's factors, such as its bias, for"
                            + " which no constants are known");
        }
        DenseForm form = SmoothNetworks.required(part, name, last);
        if (part.inputs(name).size() != 1 || (!first && part.hasPreProcessor(name))) {
            throw new NotProvedException("layer '" + name + "' must read one layer as it is");
        }
        return new Link(name, form, ofBase);
    }

    private static NetworkLayer layer(Link link, double radius) {
        DenseForm form = link.form;
        Map<String, INDArray> base =
                BaseModel.require(link.layer.base(), link.name).parameters(link.name, DataType.DOUBLE);
        double norm = spectral(form.weight().matrix(parameter(base, form.weightKey())));
        double bound = link.adapter()
                .map(adapter -> AdapterBounds.adaptedWeightNorm(norm, ball(adapter.scaling(), radius)))
                .orElse(norm);
        double bias = form.biasKey()
                .map(key -> parameter(base, key).norm2Number().doubleValue() * ABOVE)
                .orElse(0.0);
        return new NetworkLayer(
                form.outputs(),
                SmoothActivations.of(link.name, form),
                bound,
                bias,
                link.adapter().isPresent());
    }

    private static INDArray parameter(Map<String, INDArray> base, String key) {
        return Objects.requireNonNull(base.get(key), key);
    }

    /** Only its reach is asked for. */
    private static AdapterBounds.Ball ball(double scaling, double radius) {
        return new AdapterBounds.Ball(scaling, Constant.proved(0, "not used"), radius);
    }

    /** A bound of the spectral norm: the Frobenius norm, or the root of the largest row sum times the largest column sum. */
    private static double spectral(INDArray w) {
        double rows = w.norm1(1).maxNumber().doubleValue();
        double columns = w.norm1(0).maxNumber().doubleValue();
        double bound = Math.min(w.norm2Number().doubleValue(), Math.sqrt(rows * columns));
        return Math.max(Double.MIN_NORMAL, bound * ABOVE);
    }
}
