/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.internal.text.Article;
import org.amend4j.provable.ProvableProblem.Kind;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.NetworkLayer;
import org.amend4j.sensitivity.SmoothNetwork;
import org.amend4j.unlearn.ParameterBall;

/** A chain of dense layers with smooth activations under an output layer is trained, and nothing else. */
final class SmoothNetworks {

    private SmoothNetworks() {}

    static ProvableProblem of(ExaminedGraph situation) {
        List<String> names = situation.part().names();
        List<DenseForm> forms = new ArrayList<>();
        List<NetworkLayer> layers = new ArrayList<>();
        List<ParameterBall> balls = new ArrayList<>();
        for (int l = 0; l < names.size(); l++) {
            DenseForm form = requireChained(situation.part(), names, l);
            LayerRadii radii = radii(situation, names.get(l));
            forms.add(form);
            balls.addAll(balls(situation.part(), names.get(l), form, radii));
            layers.add(new NetworkLayer(
                    form.outputs(),
                    SmoothActivations.of(names.get(l), form),
                    radii.weights(),
                    form.biasKey().isPresent() ? radii.bias() : 0,
                    true));
        }
        return problem(situation, forms, layers, balls);
    }

    private static ProvableProblem problem(
            ExaminedGraph situation, List<DenseForm> forms, List<NetworkLayer> layers, List<ParameterBall> balls) {
        List<String> names = situation.part().names();
        String top = names.get(names.size() - 1);
        Head head = Head.of(top, forms.get(forms.size() - 1), situation.records(), 0);
        head.requireUnclipped(top);
        Constant radius = Features.radius(situation, names.get(0), forms.get(0).inputs());
        double[] radii = balls.stream().mapToDouble(ParameterBall::radius).toArray();
        LossBounds plain = ExaminedGraph.scaled(
                        SmoothNetwork.bounds(radius.value(), layers, head.loss()), head.largestWeight(), radius)
                .withDiameter(SmoothNetwork.diameterOfBalls(radii));
        return situation.inBalls(Kind.SMOOTH_NETWORK, plain, balls);
    }

    private static DenseForm requireChained(TrainedPart part, List<String> names, int l) {
        String name = names.get(l);
        boolean last = l == names.size() - 1;
        DenseForm form = required(part, name, last);
        boolean chained = part.inputs(name).size() == 1
                && (l == 0 || (part.inputs(name).equals(List.of(names.get(l - 1))) && !part.hasPreProcessor(name)))
                && (last ? part.isOnlyOutput(name) : part.readers(name).size() == 1);
        if (!chained) {
            throw new NotProvedException(
                    "layer '" + name + "' must be one of a chain of trained layers up to the only output,"
                            + " got inputs " + part.inputs(name) + " and readers " + part.readers(name));
        }
        part.requireAllIn(name, form);
        return form;
    }

    /** The form of a layer in a chain. */
    static DenseForm required(TrainedPart part, String name, boolean last) {
        DenseForm form = part.form(name)
                .filter(known -> known.loss().isPresent() == last)
                .orElseThrow(() -> new NotProvedException("layer '" + name + "' is " + Article.before(part.kind(name))
                        + ": constants are known of dense layers under one output layer"));
        if (form.applied() instanceof DenseForm.Other other) {
            throw new NotProvedException(
                    "layer '" + name + "' has " + other.what() + ", whose constants are not known");
        }
        return form;
    }

    private static LayerRadii radii(ExaminedGraph situation, String name) {
        return situation
                .options()
                .balls()
                .radii(name)
                .orElseThrow(() -> new NotProvedException(
                        "the weights of layer '" + name + "' must be kept in balls: give their radii",
                        EnablingOption.LAYER_RADII));
    }

    /** Of the weights, and of the bias if there is one. */
    private static List<ParameterBall> balls(TrainedPart part, String name, DenseForm form, LayerRadii radii) {
        List<ParameterBall> balls = new ArrayList<>();
        balls.add(ParameterBall.of(part.range(name, form.weightKey()), radii.weights()));
        form.biasKey().ifPresent(key -> balls.add(ParameterBall.of(part.range(name, key), radii.bias())));
        return balls;
    }
}
