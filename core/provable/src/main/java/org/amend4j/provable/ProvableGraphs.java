/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.graph.ClippedObjective;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.Records;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.objective.IndexRange;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordObjective;
import org.amend4j.provable.ProvableProblem.Kind;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.sensitivity.SmoothNetwork;
import org.amend4j.unlearn.ParameterBall;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Recognises graphs with proved constants (docs/unlearning.md, "Constants") and refuses others in one sentence. It tries, in this order:
 * one output layer on bounded features; adapters on the output layer or anywhere in a chain of dense layers with smooth activations; such
 * layers themselves; anything else with clipped gradients, for which only G is known.
 */
public final class ProvableGraphs {

    private static final List<String> UNSEEN = List.of(
            "scalers, vocabularies and other preprocessing must be public constants: whether they were fitted on the records"
                    + " cannot be seen in a graph",
            "where training starts, frozen weights, class weights, radii, step sizes and stopping must not depend on the"
                    + " records",
            "a gradient that is not finite must stop the run");

    private ProvableGraphs() {}

    /**
     * The problem of training an adapted model's adapters or layers trained in full.
     *
     * @param records for the whole graph. With activations at the {@linkplain AdaptedModel#cut() cut} instead, ask for
     *     {@link AdaptedModel#tail()}
     * @throws IllegalArgumentException naming what is in the way
     */
    public static ProvableProblem of(AdaptedModel model, Records records, ProvableOptions options) {
        return of(
                model.graph(),
                records,
                options,
                Optional.of("the base model " + model.base().fingerprint()
                        + " is public: it must not have been trained on records that may be deleted" + ofStart(model)));
    }

    private static String ofStart(AdaptedModel model) {
        AdapterInit init = model.config().init();
        return init.needsData() ? "; nor must the start " + init + " of its adapters have been made from such" : "";
    }

    /**
     * The problem of training a graph's parameters.
     *
     * @param graph an initialised graph in double precision, plain or adapted; only read
     * @throws IllegalArgumentException naming what is in the way
     */
    public static ProvableProblem of(ComputationGraph graph, Records records, ProvableOptions options) {
        return of(graph, records, options, Optional.empty());
    }

    private static ProvableProblem of(
            ComputationGraph graph, Records records, ProvableOptions options, Optional<String> about) {
        TrainedPart part = new TrainedPart(graph);
        List<String> notes = new ArrayList<>(UNSEEN);
        about.ifPresent(notes::add);
        notes.addAll(PlainDescent.require(part, options.gradients().ignoreUpdater()));
        Objectives objectives = Objectives.of(graph, records, options);
        ExaminedGraph situation = new ExaminedGraph(part, objectives, records, options, notes);
        try {
            return recognised(situation);
        } catch (NotProvedException why) {
            return options.gradients()
                    .clipping()
                    .map(clipping -> clipped(
                            objectives.of(Optional.of(clipping)),
                            clipping,
                            objectives.parameters(),
                            options.balls().parameterRadius(),
                            situation
                                    .noting("L is not known: " + why.getMessage())
                                    .notes()))
                    .orElseThrow(() ->
                            why.and("; clipping every record's gradient would bound G alone", EnablingOption.CLIPPING));
        }
    }

    private static ProvableProblem recognised(ExaminedGraph situation) {
        TrainedPart part = situation.part();
        if (situation.records().hasMasks()) {
            throw new NotProvedException("constants are known for records without masks only, got masks");
        }
        List<String> adapters = part.names().stream()
                .filter(name -> part.adapter(name).isPresent())
                .toList();
        String top = part.names().get(part.names().size() - 1);
        boolean alone = part.names().size() == 1 && part.isOnlyOutput(top);
        if (!adapters.isEmpty()) {
            return alone && part.adapter(top).isPresent()
                    ? OutputAdapters.of(situation, top, part.adapter(top).get())
                    : AdaptedNetworks.of(situation);
        }
        Optional<DenseForm> head =
                part.form(top).filter(form -> alone && form.loss().isPresent());
        return head.isPresent() ? LinearHeads.of(situation, top, head.get()) : SmoothNetworks.of(situation);
    }

    /**
     * The problem of descending on clipped gradients of anything: G is enforced, nothing is known of L.
     *
     * @param start where to start, [dimension]
     * @param parameterRadius of a ball around all parameters, which bounds how far two models can be apart
     * @throws IllegalArgumentException if the objective does not compute in double precision
     */
    public static ProvableProblem of(ClippedObjective objective, double[] start, OptionalDouble parameterRadius) {
        if (objective.precision() != Precision.DOUBLE) {
            throw new IllegalArgumentException(
                    "a network to be unlearned from must be DOUBLE, got " + objective.precision());
        }
        return clipped(objective, objective.clipping(), start, parameterRadius, UNSEEN);
    }

    private static ProvableProblem clipped(
            RecordObjective objective, Clipping clipping, double[] start, OptionalDouble radius, List<String> notes) {
        LossBounds bounds =
                LossBounds.of(ExaminedGraph.enforced(clipping), Constant.unknown(), LossCurvature.NONCONVEX);
        List<ParameterBall> balls = radius.stream()
                .mapToObj(r -> ParameterBall.of(new IndexRange(0, objective.dimension()), r))
                .toList();
        return new ProvableProblem(
                Kind.CLIPPED,
                objective,
                start,
                radius.isPresent() ? bounds.withDiameter(SmoothNetwork.diameterOfBalls(radius.getAsDouble())) : bounds,
                balls,
                clipping.unit(),
                Optional.empty(),
                notes);
    }
}
