/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.provable.ProvableProblem.Kind;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.NetworkLayer;
import org.amend4j.sensitivity.SmoothActivation;
import org.amend4j.sensitivity.SmoothNetwork;
import org.amend4j.unlearn.ParameterBall;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;

/** A chain of dense layers with smooth activations under an output layer is trained, and nothing else. */
final class SmoothNetworks {

    private SmoothNetworks() {}

    static ProvableProblem of(Case situation) {
        List<String> names = situation.part().names();
        List<NetworkLayer> layers = new ArrayList<>();
        List<ParameterBall> balls = new ArrayList<>();
        for (int l = 0; l < names.size(); l++) {
            FeedForwardLayer layer = requireChained(situation.part(), names, l);
            LayerRadii radii = radii(situation, names.get(l));
            balls.addAll(balls(situation.part(), names.get(l), radii));
            boolean last = l == names.size() - 1;
            SmoothActivation activation =
                    last ? SmoothActivation.IDENTITY : activation(names.get(l), layer.getActivationFn());
            boolean bias = situation
                    .part()
                    .range(names.get(l), DefaultParamInitializer.BIAS_KEY)
                    .isPresent();
            layers.add(new NetworkLayer(
                    Math.toIntExact(layer.getNOut()), activation, radii.weights(), bias ? radii.bias() : 0, true));
        }
        return problem(situation, layers, balls);
    }

    private static ProvableProblem problem(Case situation, List<NetworkLayer> layers, List<ParameterBall> balls) {
        List<String> names = situation.part().names();
        String top = names.get(names.size() - 1);
        Head head = Head.of(top, (OutputLayer) situation.part().stock(top).orElseThrow(), situation.records(), 0);
        head.requireUnclipped(top);
        FeedForwardLayer lowest =
                (FeedForwardLayer) situation.part().stock(names.get(0)).orElseThrow();
        Constant radius = Features.radius(situation, names.get(0), lowest.getNIn());
        double[] radii = balls.stream().mapToDouble(ParameterBall::radius).toArray();
        LossBounds plain = Case.scaled(
                        SmoothNetwork.bounds(radius.value(), layers, head.loss()), head.largestWeight(), radius)
                .withDiameter(SmoothNetwork.diameterOfBalls(radii));
        return situation.inBalls(Kind.SMOOTH_NETWORK, plain, balls);
    }

    private static FeedForwardLayer requireChained(TrainedPart part, List<String> names, int l) {
        String name = names.get(l);
        boolean last = l == names.size() - 1;
        Layer layer = part.stock(name).orElseThrow();
        if (last ? layer.getClass() != OutputLayer.class : layer.getClass() != DenseLayer.class) {
            throw new NotProved("layer '" + name + "' is a " + layer.getClass().getSimpleName()
                    + ": constants are known of dense layers under one output layer");
        }
        if (layer instanceof DenseLayer dense && dense.hasLayerNorm()) {
            throw new NotProved("layer '" + name + "' has layer normalisation, whose constants are not known");
        }
        boolean chained = part.inputs(name).size() == 1
                && (l == 0 || (part.inputs(name).equals(List.of(names.get(l - 1))) && !part.hasPreProcessor(name)))
                && (last ? part.isOnlyOutput(name) : part.readers(name).size() == 1);
        if (!chained) {
            throw new NotProved("layer '" + name + "' must be one of a chain of trained layers up to the only output,"
                    + " got inputs " + part.inputs(name) + " and readers " + part.readers(name));
        }
        return (FeedForwardLayer) layer;
    }

    private static LayerRadii radii(Case situation, String name) {
        return situation
                .options()
                .radii(name)
                .orElseThrow(() -> new NotProved("the weights of layer '" + name
                        + "' must be kept in balls: give their radii (withLayerRadii)"));
    }

    private static List<ParameterBall> balls(TrainedPart part, String name, LayerRadii radii) {
        List<ParameterBall> balls = new ArrayList<>();
        part.range(name, DefaultParamInitializer.WEIGHT_KEY)
                .ifPresent(range -> balls.add(ParameterBall.of(range, radii.weights())));
        part.range(name, DefaultParamInitializer.BIAS_KEY)
                .ifPresent(range -> balls.add(ParameterBall.of(range, radii.bias())));
        return balls;
    }

    static SmoothActivation activation(String name, IActivation activation) {
        if (activation instanceof ActivationELU elu && elu.getAlpha() != 1) {
            throw new NotProved("activation 'elu' with the factor " + elu.getAlpha()
                    + " has a derivative that jumps, so that no L exists (layer '" + name + "')");
        }
        String written = activation instanceof ActivationELU ? "elu" : activation.toString();
        if (activation instanceof ActivationGELU) {
            written = written.contains("true") ? "gelu_precise" : "gelu";
        }
        try {
            return SmoothActivation.named(written);
        } catch (IllegalArgumentException refused) {
            throw new NotProved(refused.getMessage() + " (layer '" + name + "')");
        }
    }
}
