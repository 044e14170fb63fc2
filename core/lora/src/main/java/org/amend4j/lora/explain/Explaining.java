/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.amend4j.internal.lora.AdaptableWeights;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.TiesParameters;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.internal.network.Wrappers;
import org.amend4j.lora.AdapterReport.Status;
import org.amend4j.lora.ResolvedLoraConfig;
import org.amend4j.lora.config.AdaptedBias;
import org.amend4j.lora.config.AdaptedTokens;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.lora.explain.ExplainedAdapter.Way;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Works an explanation out. */
final class Explaining {

    /** So many tokens are named. */
    private static final int FEW = 8;

    private final BaseModel base;
    private final ResolvedLoraConfig fit;
    private final ComputationGraphConfiguration network;
    private final List<String> order;
    private final GraphShapes shapes;
    private final VertexProducts products;
    private final List<String> unknown = new ArrayList<>();

    Explaining(BaseModel base, ResolvedLoraConfig fit, List<InputType> inputs) {
        this.base = base;
        this.fit = fit;
        this.network = base.configuration();
        this.order = GraphLayers.vertices(network);
        int wanted = network.getNetworkInputs().size();
        if (!inputs.isEmpty() && inputs.size() != wanted) {
            throw new IllegalArgumentException(
                    "there must be a type for each of the " + wanted + " inputs, got " + inputs);
        }
        this.shapes = GraphShapes.of(network, inputs);
        this.products = new VertexProducts(base, network, shapes);
    }

    LoraExplanation explanation() {
        boolean known = findUnknown();
        Set<String> trained = fit.weights().stream()
                .map(one -> one.weight().vertex())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        trained.addAll(fit.trainedInFull());
        fit.biases().forEach(bias -> trained.add(bias.vertex()));
        fit.tokens().forEach(tokens -> trained.add(tokens.vertex()));
        TrainingFlow flow = new TrainingFlow(network, trained);
        List<ExplainedVertex> vertices =
                order.stream().map(name -> vertex(name, flow)).toList();
        return new LoraExplanation(
                new LoraExplanation.Base(
                        base.fingerprint().hex(),
                        base.parameterCount(),
                        TiesParameters.copied(base.network()),
                        base.dataType().width(),
                        network.getNetworkInputs(),
                        network.getNetworkOutputs()),
                vertices,
                needs(vertices, flow, known),
                fullFineTuning(known),
                unknown,
                notes(vertices));
    }

    private boolean findUnknown() {
        if (!shapes.unknown().isEmpty()) {
            unknown.add(shapes.unknown());
            return false;
        }
        List<String> sizes = order.stream()
                .filter(name -> shapes.elements(List.of(name)).isEmpty())
                .map(name -> "'" + name + "'")
                .toList();
        if (!sizes.isEmpty()) {
            unknown.add("the number of steps is not known of " + String.join(", ", sizes));
        }
        int before = unknown.size();
        order.forEach(name -> products.unknown(name).ifPresent(why -> unknown.add("'" + name + "' " + why)));
        return unknown.size() == before;
    }

    private TrainingNeeds needs(List<ExplainedVertex> vertices, TrainingFlow flow, boolean known) {
        long standing = new StartNotes(fit).changesBase() ? base.parameterCount() : 0;
        long copies = vertices.stream()
                .filter(vertex -> way(vertex).equals(Optional.of(Way.ADDS_TO_WEIGHT)))
                .mapToLong(ExplainedVertex::parameters)
                .sum();
        Optional<StepCost> cost = Optional.empty();
        if (known) {
            StepCosts costs = new StepCosts(products, flow);
            cost = vertices.stream()
                    .map(vertex -> costs.of(
                            vertex.name(), vertex.status() == Status.TRAINED_IN_FULL, way(vertex), vertex.adapters()))
                    .reduce(StepCost::plus);
        }
        long trained = vertices.stream().mapToLong(ExplainedVertex::trained).sum();
        return TrainingNeeds.of(trained, copies + standing, shapes.elements(flow.kept()), cost);
    }

    /** Of every layer with parameters, whatever was frozen. */
    private TrainingNeeds fullFineTuning(boolean known) {
        Collection<String> all =
                order.stream().filter(name -> parameters(name) > 0).collect(Collectors.toSet());
        TrainingFlow flow = new TrainingFlow(network, all);
        StepCosts costs = new StepCosts(products, flow);
        Optional<StepCost> cost = known
                ? order.stream()
                        .map(name -> costs.of(name, all.contains(name), Optional.empty(), List.of()))
                        .reduce(StepCost::plus)
                : Optional.empty();
        return TrainingNeeds.of(base.parameterCount(), 0, shapes.elements(flow.kept()), cost);
    }

    private List<String> notes(List<ExplainedVertex> vertices) {
        List<String> notes = new ArrayList<>(fit.notes());
        List<String> dropping = vertices.stream()
                .flatMap(vertex -> vertex.adapters().stream())
                .filter(one -> one.weight().adapter().dropout() > 0 && one.way() == Way.ADDS_TO_WEIGHT)
                .map(one -> "'" + one.name() + "'")
                .toList();
        if (!dropping.isEmpty()) {
            notes.add("dropout must be 0 but for adapters on a layer's input: it would be refused for "
                    + String.join(", ", dropping));
        }
        notes.addAll(new StartNotes(fit).notes(base.parameterCount()));
        notes.addAll(StartingStep.notes(
                vertices.stream().flatMap(vertex -> vertex.adapters().stream()).toList()));
        return notes;
    }

    private long parameters(String name) {
        return base.parameters(name).values().stream()
                .mapToLong(INDArray::length)
                .sum();
    }

    private ExplainedVertex vertex(String name, TrainingFlow flow) {
        List<ExplainedAdapter> adapters = fit.weights().stream()
                .filter(one -> one.weight().vertex().equals(name))
                .map(this::adapter)
                .toList();
        long parameters = parameters(name);
        Status status = status(name, adapters, flow);
        long trained =
                adapters.stream().mapToLong(one -> one.weight().parameters()).sum() + biases(name) + tokens(name);
        return new ExplainedVertex(
                name,
                kind(name).getSimpleName(),
                flow.inputs(name),
                status,
                parameters,
                status == Status.TRAINED_IN_FULL ? parameters : trained,
                adapters,
                note(name, status, adapters, parameters));
    }

    private ExplainedAdapter adapter(WeightAdapter one) {
        String vertex = one.weight().vertex();
        WeightMatrix matrix = Objects.requireNonNull(
                AdaptableWeights.of(network, vertex).get(one.weight().parameter()), vertex);
        return ExplainedAdapter.of(
                one, matrix, way(vertex, one.adapter().scheme().isFactorsAlone() && biases(vertex) == 0));
    }

    private Way way(String vertex, boolean factorsAlone) {
        return Way.of(GraphLayers.layer(network, vertex).map(Unfrozen::of).flatMap(LayerKinds::weight), factorsAlone);
    }

    /** How adapters and biases that train take part in a vertex, if it has any. */
    private Optional<Way> way(ExplainedVertex vertex) {
        return vertex.adapters().stream()
                .map(ExplainedAdapter::way)
                .findFirst()
                .or(() -> vertex.status() == Status.BIASES ? Optional.of(way(vertex.name(), false)) : Optional.empty());
    }

    /** Elements of the biases that train beside a vertex's adapters. */
    private long biases(String name) {
        return fit.biases().stream()
                .filter(bias -> bias.vertex().equals(name))
                .mapToLong(AdaptedBias::length)
                .sum();
    }

    /** Elements of the tokens that train of an embedding. */
    private long tokens(String name) {
        return fit.tokens().stream()
                .filter(tokens -> tokens.vertex().equals(name))
                .mapToLong(AdaptedTokens::parameters)
                .sum();
    }

    private Status status(String name, List<ExplainedAdapter> adapters, TrainingFlow flow) {
        if (!adapters.isEmpty()) {
            return Status.ADAPTED;
        }
        if (biases(name) > 0) {
            return Status.BIASES;
        }
        if (tokens(name) > 0) {
            return Status.TOKENS;
        }
        if (fit.trainedInFull().contains(name)) {
            return Status.TRAINED_IN_FULL;
        }
        return flow.isPrefix(name) ? Status.PREFIX : Status.FROZEN;
    }

    private String note(String name, Status status, List<ExplainedAdapter> adapters, long parameters) {
        if (status == Status.TOKENS) {
            return tokenNote(name);
        }
        Map<String, WeightMatrix> weights = AdaptableWeights.of(network, name);
        if (status == Status.TRAINED_IN_FULL || parameters == 0 || (weights.size() == 1 && !adapters.isEmpty())) {
            return "";
        }
        if (!weights.isEmpty()) {
            String others = weights.keySet().stream()
                    .filter(key -> adapters.stream()
                            .noneMatch(one -> one.weight().weight().parameter().equals(key)))
                    .collect(Collectors.joining(", "));
            return others.isEmpty() ? "" : "no target: " + others;
        }
        return GraphLayers.layer(network, name)
                        .map(Unfrozen::of)
                        .flatMap(LayerKinds::of)
                        .isPresent()
                ? "takes no adapter: no weight that is a matrix"
                : "takes no adapter: its kind is not known";
    }

    /** The tokens, of many the first. */
    private String tokenNote(String name) {
        List<Integer> indices = fit.tokens().stream()
                .filter(tokens -> tokens.vertex().equals(name))
                .flatMap(tokens -> tokens.indices().stream())
                .toList();
        String some = indices.stream().limit(FEW).map(String::valueOf).collect(Collectors.joining(", "));
        return some + (indices.size() > FEW ? " and " + (indices.size() - FEW) + " more" : "");
    }

    private Class<?> kind(String name) {
        return GraphLayers.layer(network, name)
                .<Class<?>>map(layer -> Unfrozen.of(layer).getClass())
                .orElseGet(() -> Wrappers.innermost(
                                Objects.requireNonNull(network.getVertices().get(name), name))
                        .getClass());
    }
}
