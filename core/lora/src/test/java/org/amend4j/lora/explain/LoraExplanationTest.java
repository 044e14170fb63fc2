/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LearnedSelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class LoraExplanationTest {

    private static DenseLayer dense(int in, int out) {
        return new DenseLayer.Builder().nIn(in).nOut(out).build();
    }

    private static GraphBuilder graph() {
        return new NeuralNetConfiguration.Builder().seed(3).graphBuilder().addInputs("in");
    }

    private static BaseModel base(GraphBuilder graph) {
        ComputationGraph network = new ComputationGraph(graph.build());
        network.init();
        return BaseModel.of(network);
    }

    private static OutputLayer output(int in) {
        return new OutputLayer.Builder()
                .nIn(in)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    /** Dense layers 5 → 7 → 9 → 3. */
    private static BaseModel rows() {
        return base(graph().addLayer("one", dense(5, 7), "in")
                .addLayer("two", dense(7, 9), "one")
                .addLayer("out", output(9), "two")
                .setOutputs("out"));
    }

    @Test
    void multiplications_of_dense_layers_are_those_of_the_formula() {
        LoraExplanation explained = LoraExplanation.of(
                rows(), LoraConfig.of(2, 4).withTargets("two").withTrainedInFull("out"));
        StepCost cost = explained.adapted().cost().orElseThrow();
        assertEquals(5 * 7, cost.prefix());
        assertEquals(7 * 9 + 9 * 3, cost.forward());
        assertEquals(2 * (7 + 9), cost.adaptersForward());
        assertEquals(9 * 3, cost.backward(), "through out alone: nothing below two trains");
        assertEquals(2 * (7 + 2 * 9), cost.adaptersBackward());
        assertEquals(9 * 3, cost.weightGradients());
        assertEquals(0, cost.perStep());
        StepCost full = explained.fullFineTuning().cost().orElseThrow();
        int all = 5 * 7 + 7 * 9 + 9 * 3;
        assertEquals(new StepCost(0, all, 0, all - 5 * 7, 0, all, 0), full);
        assertEquals(2 * (7 + 9) + 9 * 3 + 3, explained.adapted().parameters());
        assertEquals(7 + 9 + 3, explained.adapted().activations().orElseThrow());
        assertEquals(5 + 7 + 9 + 3, explained.fullFineTuning().activations().orElseThrow());
        assertEquals(List.of(), explained.unknown());
    }

    @Test
    void an_adapter_above_another_also_hands_the_error_through_its_factors() {
        LoraExplanation explained =
                LoraExplanation.of(rows(), LoraConfig.of(2, 4).withTargets("one", "two"));
        StepCost cost = explained.adapted().cost().orElseThrow();
        assertEquals(2 * (5 + 2 * 7) + 2 * (7 + 2 * 9 + 7), cost.adaptersBackward());
        assertEquals(7 * 9 + 9 * 3, cost.backward());
    }

    @ParameterizedTest
    @EnumSource(BiasMode.class)
    void what_is_foretold_is_what_the_attached_model_reports(BiasMode bias) {
        LoraConfig config =
                LoraConfig.of(2, 4).withTargets("two").withTrainedInFull("out").withBias(bias);
        BaseModel base = rows();
        AdaptedModel model = AdaptedModel.attach(
                base,
                config,
                new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).build());
        assertEquals(model.report().summary(), LoraExplanation.of(base, config).summary());
        int ofBase = (5 * 7 + 7) + (7 * 9 + 9) + (9 * 3 + 3);
        assertEquals(ofBase + 2 * (7 + 9), model.report().total(), "a bias that trains is one of the base's");
    }

    @Test
    void a_convolution_multiplies_at_every_place() {
        BaseModel base = base(graph().addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(3, 3).nIn(2).nOut(4).build(),
                        "in")
                .addLayer("pool", new GlobalPoolingLayer(), "conv")
                .addLayer("out", output(4), "pool")
                .setOutputs("out"));
        LoraConfig config = LoraConfig.of(2, 4).withTargets("conv");
        LoraExplanation explained = LoraExplanation.of(base, config, InputType.convolutional(8, 6, 2));
        long places = 6 * 4;
        StepCost cost = explained.adapted().cost().orElseThrow();
        assertEquals(places * 18 * 4 + 4 * 3, cost.forward());
        assertEquals(places * 2 * (18 + 4), cost.adaptersForward());
        assertEquals(places * 2 * (18 + 2 * 4), cost.adaptersBackward());
        assertEquals(4 * 3, cost.backward());
        assertEquals(
                8 * 6 * 2 + places * 4 + 4 + 3,
                explained.adapted().activations().orElseThrow());

        LoraExplanation unknown = LoraExplanation.of(base, config);
        assertTrue(unknown.adapted().cost().isEmpty());
        assertEquals(List.of("the shape of the input 'in' is not known"), unknown.unknown());
        assertEquals(explained.adapted().updaterState(), unknown.adapted().updaterState());
    }

    @Test
    void a_recurrent_layer_forms_its_weight_once_a_step_and_multiplies_at_every_step_of_a_sequence() {
        BaseModel base =
                base(graph().addLayer("lstm", new LSTM.Builder().nIn(5).nOut(3).build(), "in")
                        .addLayer(
                                "out",
                                new RnnOutputLayer.Builder()
                                        .nIn(3)
                                        .nOut(2)
                                        .activation(Activation.SOFTMAX)
                                        .build(),
                                "lstm")
                        .setOutputs("out"));
        LoraConfig config = LoraConfig.of(2, 4).withTargets("lstm.RW");
        long steps = 7;
        LoraExplanation explained = LoraExplanation.of(base, config, InputType.recurrent(5, steps));
        StepCost cost = explained.adapted().cost().orElseThrow();
        assertEquals(
                steps * (5 * 12 + 3 * 2) + (steps - 1) * 3 * 12, cost.forward(), "no output before the first step");
        assertEquals((steps - 1) * 3 * 12 + steps * 3 * 2, cost.backward(), "through time, and not to the input");
        assertEquals(2 * 3 * 12, cost.perStep());
        assertEquals(steps * 2 * 2 * (3 + 12), cost.adaptersBackward());
        assertEquals(5 * 12 + 3 * 12 + 12, explained.adapted().copies());
        assertTrue(explained.vertices().get(0).note().contains("no target: W"), explained.table());
        assertEquals(
                List.of(
                        "the number of steps is not known of 'lstm', 'out'",
                        "'lstm' has an unknown number of steps",
                        "'out' has an unknown number of steps"),
                LoraExplanation.of(base, config, InputType.recurrent(5)).unknown());
    }

    private static StepCost costOfAttention(Layer attention, String target) {
        BaseModel base = base(graph().addLayer("it", attention, "in")
                .addLayer("pool", new GlobalPoolingLayer(), "it")
                .addLayer("out", output(6), "pool")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(5, 7)));
        return LoraExplanation.of(base, LoraConfig.of(2, 4).withTargets(target), InputType.recurrent(5, 7))
                .adapted()
                .cost()
                .orElseThrow();
    }

    /** Two heads of size 4 on 7 steps of 5 features, with 6 outputs. */
    @Test
    void an_attention_multiplies_with_its_weights_and_each_step_with_each_other() {
        long steps = 7;
        long projections = 5 * 8;
        long between = 2 * 8;
        int out = 6 * 3;
        StepCost self = costOfAttention(
                new SelfAttentionLayer.Builder()
                        .nIn(5)
                        .nOut(6)
                        .nHeads(2)
                        .headSize(4)
                        .projectInput(true)
                        .build(),
                "it.Wq");
        long weights = steps * (3 * projections + 8 * 6);
        assertEquals(weights + steps * steps * between + out, self.forward());
        assertEquals(steps * 8 * 6 + 2 * steps * steps * between + out, self.backward(), "nothing below wants errors");
        assertEquals(steps * 2 * 2 * (5 + 8), self.adaptersBackward());
        assertEquals(0, self.weightGradients());
        assertEquals(2 * projections, self.perStep());

        StepCost learned = costOfAttention(
                new LearnedSelfAttentionLayer.Builder()
                        .nQueries(3)
                        .projectInput(true)
                        .nIn(5)
                        .nOut(6)
                        .nHeads(2)
                        .headSize(4)
                        .build(),
                "it.Wo");
        assertEquals((3 + 2 * steps) * projections + 3 * 8 * 6 + 3 * steps * between + out, learned.forward());

        StepCost recurrent = costOfAttention(
                new RecurrentAttentionLayer.Builder()
                        .projectInput(true)
                        .nHeads(2)
                        .headSize(4)
                        .nIn(5)
                        .nOut(6)
                        .build(),
                "it.RW");
        long each = 6 * 8 + 2 * steps * projections + 8 * 6 + 6 * 6 + steps * between;
        assertEquals(steps * 5 * 6 + (steps - 1) * each + out, recurrent.forward());
    }

    @Test
    void an_attention_of_several_inputs_multiplies_queries_with_keys() {
        InputType[] types = {InputType.recurrent(2, 8), InputType.recurrent(3, 7), InputType.recurrent(4, 7)};
        BaseModel base = base(new NeuralNetConfiguration.Builder()
                .seed(3)
                .graphBuilder()
                .addInputs("queries", "keys", "values")
                .addVertex(
                        "it",
                        new AttentionVertex.Builder()
                                .nInQueries(2)
                                .nInKeys(3)
                                .nInValues(4)
                                .nOut(6)
                                .nHeads(2)
                                .headSize(5)
                                .projectInput(true)
                                .build(),
                        "queries",
                        "keys",
                        "values")
                .addLayer("pool", new GlobalPoolingLayer(), "it")
                .addLayer("out", output(6), "pool")
                .setOutputs("out")
                .setInputTypes(types));
        StepCost cost = LoraExplanation.of(base, LoraConfig.of(2, 4).withTargets("it.Wo"), types)
                .adapted()
                .cost()
                .orElseThrow();
        assertEquals(8 * 2 * 10 + 7 * 3 * 10 + 7 * 4 * 10 + 8 * 10 * 6 + 2 * 8 * 7 * 10 + 6 * 3, cost.forward());
    }

    /** No weight-sized memory, and a product as large as A·B for the norms. */
    @Test
    void dora_and_biases_leave_a_dense_layer_on_its_input() {
        LoraConfig plain = LoraConfig.of(2, 4).withTargets("two");
        LoraExplanation dora = LoraExplanation.of(rows(), plain.withDora());
        assertEquals(ExplainedAdapter.Way.THROUGH_INPUT, dora.adapters().get(0).way());
        assertEquals(0, dora.adapted().copies());
        long norms = 2 * 7 * 9 + 2 * 2 * (7 + 9);
        assertEquals(norms, dora.adapted().cost().orElseThrow().perStep());
        assertEquals(
                LoraExplanation.of(rows(), plain).adapted().cost().orElseThrow().perExample(),
                dora.adapted().cost().orElseThrow().perExample());
        LoraExplanation biases = LoraExplanation.of(rows(), plain.withBias(BiasMode.ALL));
        assertEquals(0, biases.adapted().copies());
        assertEquals(0, biases.adapted().cost().orElseThrow().perStep());
    }

    /** And it is what attaching then does. */
    @Test
    void a_start_that_changes_the_base_is_foretold_with_the_copy_that_it_stands_on() {
        LoraConfig plain = LoraConfig.of(2, 4).withTargets("two");
        LoraConfig moving = plain.withInit(AdapterInit.PISSA);
        LoraExplanation explained = LoraExplanation.of(rows(), moving);
        assertEquals(rows().parameterCount(), explained.adapted().copies());
        assertTrue(
                explained.notes().get(0).startsWith("the start PISSA takes its factors out of the weights"),
                explained.notes().toString());
        assertEquals(
                4,
                AdaptedModel.attach(rows(), moving, training())
                        .content()
                        .factors()
                        .get(0)
                        .spec()
                        .rank());
        assertEquals(List.of(), LoraExplanation.of(rows(), plain).notes());
        assertEquals(
                0,
                LoraExplanation.of(rows(), plain.withInit(AdapterInit.ORTHOGONAL))
                        .adapted()
                        .copies());
        String refusal = LoraExplanation.of(rows(), moving.withDora()).notes().get(1);
        assertEquals("the start PISSA is only for plain factors: it would be refused with DoRA", refusal);
        assertThrows(IllegalArgumentException.class, () -> AdaptedModel.attach(rows(), moving.withDora(), training()));
        assertEquals(
                List.of(
                        "the start EVA is made from examples, which also move ranks from weight to weight: the ranks here are those"
                                + " before"),
                LoraExplanation.of(rows(), plain.withInit(AdapterInit.EVA)).notes());
    }

    private static FineTuneConfiguration training() {
        return new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).build();
    }

    @Test
    void rank_and_scaling_follow_patterns_and_rslora() {
        LoraExplanation explained = LoraExplanation.of(
                rows(),
                LoraConfig.of(4, 8)
                        .withTargets("one", "two")
                        .withRankPattern("two", 2)
                        .withAlphaPattern("two", 6)
                        .withRsLora(true));
        assertEquals(
                8 / Math.sqrt(4), explained.adapters().get(0).weight().adapter().scaling());
        assertEquals(
                6 / Math.sqrt(2), explained.adapters().get(1).weight().adapter().scaling());
        assertEquals(4 * (5 + 7) + 2 * (7 + 9), explained.adapted().parameters());
        assertTrue(explained.brief().get(1).startsWith("adapter on 'two' of 7 x 9: rank 2, scaling 4.243, 32 param"));
        assertEquals(3, explained.brief().size());
    }

    @Test
    void json_is_canonical_and_says_all_that_the_records_say() throws Exception {
        LoraExplanation explained = LoraExplanation.of(rows(), LoraConfig.of(2, 4));
        String json = explained.json();
        assertEquals(json, LoraExplanation.of(rows(), LoraConfig.of(2, 4)).json());
        JsonNode read = new ObjectMapper().readTree(json);
        assertEquals(
                explained.adapted().parameters(),
                read.path("trainableParameters").asLong());
        assertEquals("one", read.path("vertices").get(0).path("name").asText());
        JsonNode adapter = read.path("vertices").get(0).path("adapters").get(0);
        assertEquals(2, adapter.path("scaling").asDouble());
        assertTrue(adapter.path("peftExact").asBoolean());
        assertEquals(
                explained.adapted().cost().orElseThrow().perExample(),
                read.path("adapted").path("multiplyAdds").path("perExample").asLong());
        assertTrue(json.startsWith("{\"adapted\":{\"activationsPerExample\":"), json);
    }

    private static Document parsed(String xml) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }

    /** 60 layers, with a way past every second one, whose names would be markup. */
    @Test
    void the_picture_of_a_long_graph_has_a_box_each_within_its_edges_none_upon_another() throws Exception {
        GraphBuilder graph = graph();
        String below = "in";
        for (int i = 0; i < 60; i++) {
            graph.addLayer("<layer & " + i + ">", dense(4, 4), below);
            if (i % 2 == 1) {
                graph.addVertex(
                        "add" + i, new ElementWiseVertex(ElementWiseVertex.Op.Add), "<layer & " + i + ">", below);
            }
            below = i % 2 == 1 ? "add" + i : "<layer & " + i + ">";
        }
        LoraExplanation explained = LoraExplanation.of(
                base(graph.addLayer("out", output(4), below).setOutputs("out")), LoraConfig.of(2, 4));
        Document picture = parsed(explained.svg());
        int width = Integer.parseInt(picture.getDocumentElement().getAttribute("width"));
        int height = Integer.parseInt(picture.getDocumentElement().getAttribute("height"));
        assertTrue(width < 3000 && height < 1300, width + " x " + height);
        var boxes = picture.getElementsByTagName("g");
        assertEquals(60 + 30 + 2, boxes.getLength());
        Set<String> places = new HashSet<>();
        for (int i = 0; i < boxes.getLength(); i++) {
            var box = (Element)
                    ((Element) boxes.item(i)).getElementsByTagName("rect").item(0);
            int x = Integer.parseInt(box.getAttribute("x"));
            int y = Integer.parseInt(box.getAttribute("y"));
            assertTrue(places.add(x + "," + y));
            assertTrue(x >= 0 && x + Integer.parseInt(box.getAttribute("width")) <= width);
            assertTrue(y >= 0 && y + Integer.parseInt(box.getAttribute("height")) <= height);
        }
        assertEquals(picture.getElementsByTagName("path").getLength(), 60 + 2 * 30 + 1);
        parsed("<div>" + explained.toHtml() + "</div>");
        assertEquals(
                "60 x adapter on DenseLayer: rank 2, scaling 2.000, through the input",
                explained.brief().get(0));
        assertEquals(2, explained.brief().size());
    }

    @Test
    void a_type_for_some_inputs_and_not_for_others_is_refused() {
        BaseModel base = rows();
        LoraConfig config = LoraConfig.of(2, 4);
        InputType type = InputType.feedForward(5);
        assertThrows(IllegalArgumentException.class, () -> LoraExplanation.of(base, config, type, type));
    }
}
