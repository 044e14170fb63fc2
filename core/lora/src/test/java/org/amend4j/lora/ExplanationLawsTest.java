/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.amend4j.internal.network.ComputesItself;
import org.amend4j.lora.AdapterReport.Status;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.explain.ExplainedAdapter.Way;
import org.amend4j.lora.explain.ExplainedVertex;
import org.amend4j.lora.explain.LoraExplanation;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.TestNetworks;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.AbstractSameDiffLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;

/** What an explanation predicts, against what attaching makes of it: every layer and vertex that takes an adapter. */
class ExplanationLawsTest {

    private static final Logger LOG = LogManager.getLogger(ExplanationLawsTest.class);

    private static final int RANK = 1;

    /** A forward pass by itself fails in some of SameDiff's layers ("scatter_update"), where that of training does not. */
    private static boolean isOfSameDiff(Class<?> kind) {
        return AbstractSameDiffLayer.class.isAssignableFrom(kind) || SameDiffVertex.class.isAssignableFrom(kind);
    }

    private static AdaptedModel attached(BaseModel base, LoraConfig config, IUpdater updater) {
        return AdaptedModel.attach(
                base,
                config,
                new FineTuneConfiguration.Builder().updater(updater).build(),
                Probe.none());
    }

    private static List<String> targets(BaseModel base) {
        return AdaptedModel.adaptableLayers(base).stream()
                .filter(name -> name.equals("it") || name.startsWith("it."))
                .toList();
    }

    private static LoraExplanation explain(Zoo.Animal animal, BaseModel base) {
        return LoraExplanation.of(
                base,
                LoraConfig.of(RANK, 3).withTargets(targets(base).toArray(String[]::new)),
                InputType.inferInputTypes(animal.data().getFeatures()));
    }

    /** A case of the zoo with its explanation and the model that comes of it. */
    private record Case(Zoo.Animal animal, LoraExplanation explained, AdaptedModel model) {

        static List<Case> all() {
            List<Case> cases = new ArrayList<>();
            for (Zoo.Animal animal : Zoo.animals()) {
                BaseModel base = BaseModel.of(animal.network());
                List<String> targets = targets(base);
                if (!targets.isEmpty()) {
                    LoraConfig config = LoraConfig.of(RANK, 3).withTargets(targets.toArray(String[]::new));
                    cases.add(new Case(animal, explain(animal, base), attached(base, config, new Adam(0.1))));
                }
            }
            return cases;
        }

        String name() {
            return animal.kind().getSimpleName();
        }
    }

    @Test
    void predicted_parameters_roles_and_ways_are_those_of_the_attached_model_in_every_kind_of_layer() {
        List<Case> cases = Case.all();
        assertTrue(cases.size() >= 25, cases.size() + " kinds");
        for (Case one : cases) {
            AdaptedModel model = one.model();
            assertEquals(model.graph().numParams(), one.explained().adapted().parameters(), one.name());
            assertEquals(model.report().summary(), one.explained().summary(), one.name());
            Map<String, ExplainedVertex> vertices = one.explained().vertices().stream()
                    .collect(Collectors.toMap(ExplainedVertex::name, vertex -> vertex));
            model.report().layers().forEach(layer -> {
                ExplainedVertex vertex = vertices.get(layer.name());
                if (vertex != null
                        && layer.status() != Status.ADAPTED
                        && vertex.adapters().isEmpty()) {
                    assertEquals(layer.status(), vertex.status(), one.name() + " " + layer.name());
                    assertEquals(layer.baseParameters(), vertex.parameters(), one.name() + " " + layer.name());
                }
            });
            boolean adds = model.graph().getConfiguration().getVertices().get("it") instanceof LayerVertex vertex
                    ? vertex.getLayerConf().getLayer() instanceof ComputesItself
                    : true;
            one.explained()
                    .adapters()
                    .forEach(adapter ->
                            assertEquals(adds ? Way.ADDS_TO_WEIGHT : Way.THROUGH_INPUT, adapter.way(), one.name()));
        }
    }

    @Test
    void the_weights_of_the_base_are_counted_and_those_in_single_precision_twice_more_where_they_are_packed() {
        for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
            BaseModel base = BaseModel.of(TestNetworks.dense(type, 1));
            LoraExplanation explained = LoraExplanation.of(base, LoraConfig.of(RANK, 3));
            long bytes = base.network().numParams() * type.width();
            assertEquals(bytes, explained.base().bytes());
            assertEquals(
                    type == DataType.FLOAT ? 2 * bytes : 0, explained.base().mostPackedBytes());
            assertTrue(explained.table().contains("weights of the base, bytes"), explained.table());
            assertEquals(type == DataType.FLOAT, explained.table().contains("packed again for the CPU"));
        }
    }

    /** Elements that the graph's own forward pass leaves, of those that the explanation counts. */
    @Test
    void predicted_activations_are_the_elements_of_a_forward_pass() {
        int known = 0;
        for (Case one : Case.all()) {
            if (one.explained().adapted().activations().isEmpty()
                    || isOfSameDiff(one.animal().kind())) {
                continue;
            }
            known++;
            ComputationGraph graph = one.model().graph();
            Map<String, INDArray> all =
                    new HashMap<>(graph.feedForward(one.animal().data().getFeatures(), false));
            Set<String> names = one.explained().vertices().stream()
                    .filter(vertex -> vertex.status() != Status.PREFIX)
                    .map(ExplainedVertex::name)
                    .collect(Collectors.toSet());
            names.addAll(one.model().cut());
            long elements =
                    names.stream().mapToLong(name -> all.get(name).length()).sum();
            assertEquals(
                    elements,
                    Zoo.BATCH * one.explained().adapted().activations().get(),
                    one.name() + " of " + names);
        }
        LOG.info(known + " kinds with known activations");
        assertTrue(known >= 20, known + " known");
    }

    @Test
    void predicted_updater_state_is_as_long_as_the_updaters_own() {
        BaseModel base = BaseModel.of(Zoo.animals().get(0).network());
        LoraConfig config = LoraConfig.of(2, 4).withTargets("lead").withTrainedInFull("out");
        LoraExplanation explained = LoraExplanation.of(base, config);
        Collection<IUpdater> updaters = Arrays.asList(new Adam(0.1), new Nesterovs(0.1), new AMSGrad(0.1));
        for (IUpdater updater : updaters) {
            ComputationGraph graph = attached(base, config, updater).graph();
            assertEquals(
                    graph.getUpdater().getStateViewArray().length(),
                    explained.adapted().updaterState().get(updater.getClass().getSimpleName()),
                    updater.toString());
        }
        assertEquals(
                2 * base.parameterCount(),
                explained.fullFineTuning().updaterState().get("Adam"));
    }

    @Test
    void costs_are_known_of_every_kind_of_layer_that_takes_an_adapter() {
        Map<String, List<String>> unknown = new HashMap<>();
        for (Zoo.Animal animal : Zoo.animals()) {
            BaseModel base = BaseModel.of(animal.network());
            if (!targets(base).isEmpty()) {
                LoraExplanation explained = explain(animal, base);
                if (explained.adapted().cost().isEmpty()) {
                    unknown.put(animal.kind().getSimpleName(), explained.unknown());
                }
            }
        }
        assertEquals(Map.of(), unknown);
    }
}
