/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.internal.lora.CarriesAdapters;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.model.Configurations;
import org.amend4j.lora.Zoo.Animal;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.FactorTraining;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What holds for adapters that add to a layer's weights, on every layer of Deeplearning4j that has them. */
@SuppressWarnings("deprecation") // old models have Graves' layers
class WeightSpaceLawsTest {

    private static final Logger LOG = LogManager.getLogger(WeightSpaceLawsTest.class);

    private static final long SEED = 11;
    private static final int BATCH = 3;
    private static final int STEPS = 5;

    /** Values of order 1, sums of a few hundred terms, 1e-16 each. */
    private static final double ROUNDING = 1e-12;

    private static FineTuneConfiguration training() {
        return FineTuneConfiguration.builder().updater(new Sgd(0.1)).seed(SEED).build();
    }

    /** The animals whose adapters add to weights. */
    static Stream<Animal> animals() {
        return Zoo.animals().stream().filter(WeightSpaceLawsTest::addsToWeights);
    }

    private static boolean addsToWeights(Animal animal) {
        try {
            animal.network().output(animal.data().getFeatures());
            ComputationGraphConfiguration conf =
                    attached(animal, Probe.none()).graph().getConfiguration();
            return conf.getVertices().get("it") instanceof LoraVertex
                    || (conf.getVertices().get("it") instanceof LayerVertex layer
                            && layer.getLayerConf().getLayer() instanceof LoraWeightsLayer);
        } catch (RuntimeException e) {
            return false; // ZooTest has these
        }
    }

    private static AdaptedModel attached(Animal animal, Probe probe) {
        return AdaptedModel.attach(
                BaseModel.of(animal.network()), LoraConfig.of(1, 2).withTargets("it"), training(), probe);
    }

    /** With factors that are not zero. */
    private static AdaptedModel moved(Animal animal) {
        AdaptedModel model = attached(animal, Probe.none());
        moveFactors(model.graph());
        return model;
    }

    private static void moveFactors(ComputationGraph graph) {
        INDArray parameters = graph.params();
        parameters.assign(TestNetworks.normal(parameters.dataType(), new Random(3), parameters.shape())
                .muli(0.3));
    }

    private static double distance(INDArray a, INDArray b) {
        return a.sub(b).amaxNumber().doubleValue();
    }

    @Test
    void every_kind_with_such_weights_is_tried() {
        assertEquals(23, animals().count());
    }

    @Tag("kernels")
    @ParameterizedTest
    @MethodSource("animals")
    void disabled_adapters_give_the_bytes_of_the_base_s_output_and_come_back(Animal animal) {
        AdaptedModel model = moved(animal);
        INDArray[] features = animal.data().getFeatures();
        INDArray base = model.base().network().output(features)[0];
        INDArray adapted = model.graph().output(features)[0].dup();
        try (AdapterScope outer = model.disable();
                AdapterScope inner = model.disable()) {
            assertTrue(ArrayBytes.same(base, model.graph().output(features)[0]));
        }
        assertTrue(ArrayBytes.same(adapted, model.graph().output(features)[0]));
        assertTrue(distance(base, adapted) > 1e-6, "the adapter does something");
    }

    @ParameterizedTest
    @MethodSource("animals")
    void merging_gives_the_adapted_output_in_a_plain_network(Animal animal) {
        AdaptedModel model = moved(animal);
        INDArray[] features = animal.data().getFeatures();
        INDArray adapted = model.graph().output(features)[0].dup();
        MergedModel merged = model.merge();
        assertTrue(distance(adapted, merged.network().output(features)[0]) < ROUNDING);
        merged.unmerge();
        assertTrue(ArrayBytes.same(
                merged.network().params(), model.base().network().params()));
    }

    @ParameterizedTest
    @MethodSource("animals")
    @OneIn(2)
    void copies_by_clone_by_json_and_by_file_compute_the_same(Animal animal, @TempDir Path folder) throws Exception {
        ComputationGraph graph = moved(animal).graph();
        INDArray[] features = animal.data().getFeatures();
        INDArray expected = graph.output(features)[0].dup();
        assertTrue(ArrayBytes.same(expected, graph.clone().output(features)[0]), "clone");
        ComputationGraphConfiguration read =
                ComputationGraphConfiguration.fromJson(graph.getConfiguration().toJson());
        assertEquals(graph.getConfiguration(), read);
        ComputationGraph made = new ComputationGraph(read);
        made.init(graph.params().dup(), false);
        assertTrue(ArrayBytes.same(expected, made.output(features)[0]), "JSON");
        File file = folder.resolve("graph.zip").toFile();
        ModelSerializer.writeModel(graph, file, true);
        ComputationGraph restored = ModelSerializer.restoreComputationGraph(file);
        assertTrue(ArrayBytes.same(expected, restored.output(features)[0]), "file");
        restored.fit(animal.data());
    }

    /** A layer whose adapter works on its input, with one that adds to its weight instead. */
    private static ComputationGraph addingToWeights(ComputationGraph graph, List<String> targets) {
        ComputationGraphConfiguration conf = Configurations.copy(graph.getConfiguration());
        for (String target : targets) {
            LayerVertex vertex = (LayerVertex) conf.getVertices().get(target);
            LoraLayer through = (LoraLayer) vertex.getLayerConf().getLayer();
            LoraWeightsLayer adding = new LoraWeightsLayer(
                    through.getLayer(),
                    through.base().hex(),
                    through.isInputFrozen(),
                    List.of(new WeightAdapter(
                            AdaptedWeight.single(target, "W"), through.adapter(), through.rows(), through.columns())),
                    List.of());
            adding.setIUpdater(through.getIUpdater());
            vertex.getLayerConf().setLayer(adding);
        }
        ComputationGraph result = new ComputationGraph(conf);
        result.init(graph.params().dup(), false);
        return result;
    }

    @ParameterizedTest
    @EnumSource(
            value = TestCase.class,
            names = {"DENSE", "NCHW", "NHWC"})
    void adapters_on_inputs_and_on_weights_agree_in_outputs_and_gradients(TestCase test) {
        BaseModel base = BaseModel.of(test.network(DataType.DOUBLE, SEED));
        List<String> targets = Stream.of(test.targets())
                .filter(name -> !base.configuration().getNetworkOutputs().contains(name))
                .toList();
        LoraConfig config = LoraConfig.of(2, 4).withTargets(targets.toArray(String[]::new));
        ComputationGraph through =
                AdaptedModel.attach(base, config, training(), Probe.none()).graph();
        moveFactors(through);
        ComputationGraph adding = addingToWeights(through, targets);
        MultiDataSet data = test.data(DataType.DOUBLE, 4, SEED);
        for (int k = 0; k < through.getNumOutputArrays(); k++) {
            assertTrue(
                    distance(through.output(data.getFeatures())[k], adding.output(data.getFeatures())[k]) < ROUNDING);
        }
        assertTrue(distance(gradient(through, data), gradient(adding, data)) < ROUNDING * 10);
    }

    /** The animals whose adapters work on their input, but for outputs, of which Deeplearning4j's own are other classes. */
    static Stream<Animal> animalsWithBoth() {
        return Zoo.adaptable().stream().filter(animal -> {
            ComputationGraphConfiguration conf =
                    attached(animal, Probe.none()).graph().getConfiguration();
            return !animal.output()
                    && conf.getVertices().get("it") instanceof LayerVertex layer
                    && layer.getLayerConf().getLayer() instanceof LoraLayer;
        });
    }

    @ParameterizedTest
    @MethodSource("animalsWithBoth")
    void the_two_ways_agree_on_every_kind_that_has_both(Animal animal) {
        ComputationGraph through = moved(animal).graph();
        ComputationGraph adding = addingToWeights(through, List.of("it"));
        MultiDataSet data = animal.data();
        assertTrue(distance(through.output(data.getFeatures())[0], adding.output(data.getFeatures())[0]) < ROUNDING);
        assertTrue(distance(gradient(through, data), gradient(adding, data)) < ROUNDING * 10);
    }

    private static INDArray gradient(ComputationGraph graph, MultiDataSet data) {
        graph.setInputs(data.getFeatures());
        graph.setLabels(data.getLabels());
        graph.setLayerMaskArrays(data.getFeaturesMaskArrays(), data.getLabelsMaskArrays());
        graph.computeGradientAndScore();
        return graph.gradient().gradient().dup();
    }

    private static Layer lstm() {
        return new LSTM.Builder().nOut(3).activation(Activation.TANH).build();
    }

    static Stream<Layer> recurrent() {
        return Stream.of(
                lstm(),
                new GravesLSTM.Builder().nOut(3).activation(Activation.TANH).build(),
                new GravesBidirectionalLSTM.Builder()
                        .nOut(3)
                        .activation(Activation.TANH)
                        .build(),
                new SimpleRnn.Builder().nOut(3).activation(Activation.TANH).build(),
                new Bidirectional(Bidirectional.Mode.CONCAT, lstm()));
    }

    private static GraphBuilder sequences(Layer layer, RNNFormat format, DataType type) {
        return new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(type)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "below",
                        new SimpleRnn.Builder()
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer("it", Configurations.copy(layer), "below")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .dataFormat(format)
                                .build(),
                        "it")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3, STEPS, format));
    }

    private static BaseModel base(GraphBuilder builder) {
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        return BaseModel.of(graph);
    }

    private static MultiDataSet sequences(DataType type, boolean masked) {
        INDArray x = TestNetworks.normal(type, new Random(SEED), BATCH, 3, STEPS);
        INDArray y = TestNetworks.oneHot(type, new Random(SEED), BATCH, 2, STEPS);
        if (!masked) {
            return new MultiDataSet(x, y);
        }
        INDArray mask = Nd4j.ones(type, BATCH, STEPS);
        mask.putScalar(0, STEPS - 1, 0);
        mask.putScalar(2, STEPS - 1, 0).putScalar(2, STEPS - 2, 0);
        return new MultiDataSet(
                new INDArray[] {x}, new INDArray[] {y}, new INDArray[] {mask}, new INDArray[] {mask.dup()});
    }

    private static AdaptedModel onSequences(BaseModel base, String... targets) {
        AdaptedModel model =
                AdaptedModel.attach(base, LoraConfig.of(2, 4).withTargets(targets), training(), Probe.none());
        moveFactors(model.graph());
        return model;
    }

    @ParameterizedTest
    @MethodSource("recurrent")
    @OneIn(3)
    void gradients_of_recurrent_adapters_are_the_loss_s_with_masks_too(Layer layer) {
        BaseModel base = base(sequences(layer, RNNFormat.NCW, DataType.DOUBLE));
        for (boolean masked : new boolean[] {false, true}) {
            ComputationGraph graph = onSequences(base, "below", "it").graph();
            int checked = Gradients.check(graph, sequences(DataType.DOUBLE, masked), Exhaustive.times(15, 60), SEED);
            LOG.info(layer.getClass().getSimpleName() + (masked ? " masked: " : ": ") + checked + " of "
                    + graph.numParams() + " elements against differences");
        }
        base.verifyUnchanged();
    }

    @Test
    void gradients_are_the_loss_s_where_time_comes_first() {
        BaseModel base = base(sequences(
                new LSTM.Builder()
                        .nOut(3)
                        .activation(Activation.TANH)
                        .dataFormat(RNNFormat.NWC)
                        .build(),
                RNNFormat.NWC,
                DataType.DOUBLE));
        MultiDataSet data = sequences(DataType.DOUBLE, false);
        Gradients.check(
                onSequences(base, "it").graph(),
                new MultiDataSet(
                        data.getFeatures(0).permute(0, 2, 1).dup(),
                        data.getLabels(0).permute(0, 2, 1).dup()),
                60,
                SEED);
    }

    @Test
    void what_is_computed_for_recurrent_layers_has_the_gradients_of_the_layer_s_own() {
        for (Layer layer : recurrent().toList()) {
            BaseModel base = base(sequences(layer, RNNFormat.NCW, DataType.DOUBLE));
            ComputationGraph adapted = onSequences(base, "it").graph();
            ComputationGraph merged =
                    onSequences(base, "it").merge().network(); // whose backward pass forms the weights' gradients
            INDArray gradient = gradient(adapted, sequences(DataType.DOUBLE, false));
            gradient(merged, sequences(DataType.DOUBLE, false));
            List<INDArray> expected = new ArrayList<>();
            for (WeightAdapter one : ((CarriesAdapters) ((LayerVertex)
                                    adapted.getConfiguration().getVertices().get("it"))
                            .getLayerConf()
                            .getLayer())
                    .adapters()) {
                AdaptedWeight weight = one.weight();
                INDArray full = merged.gradient()
                        .getGradientFor("it_" + weight.parameter())
                        .get(NDArrayIndex.all(), NDArrayIndex.interval(0, one.columns()));
                INDArray a = adapted.getVertex("it").paramTable(false).get(weight.keyOfA());
                INDArray b = adapted.getVertex("it").paramTable(false).get(weight.keyOfB());
                double s = one.adapter().scaling();
                expected.add(column(full.mmul(b.transpose()).muli(s)));
                expected.add(column(a.transpose().mmul(full).muli(s)));
            }
            double apart = distance(
                    Nd4j.concat(0, expected.toArray(INDArray[]::new)),
                    gradient.reshape(new long[] {gradient.length()}));
            assertTrue(apart < ROUNDING * 100, layer.getClass().getSimpleName() + ": " + apart);
        }
    }

    private static INDArray column(INDArray array) {
        return array.dup('f').reshape('f', new long[] {array.length()});
    }

    @Test
    void a_sequence_taken_step_by_step_gives_what_it_gives_at_once() {
        ComputationGraph graph = onSequences(base(sequences(lstm(), RNNFormat.NCW, DataType.DOUBLE)), "it")
                .graph();
        INDArray x = sequences(DataType.DOUBLE, false).getFeatures(0);
        INDArray atOnce = graph.output(x)[0].dup();
        for (int t = 0; t < STEPS; t++) {
            INDArray step = graph.rnnTimeStep(
                            x.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(t, t + 1)))[0];
            INDArray expected = atOnce.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(t, t + 1));
            assertTrue(distance(expected, step.reshape(expected.shape())) < ROUNDING);
        }
    }

    @Test
    void truncated_back_propagation_trains_what_a_plain_network_on_the_merged_weights_would_see() {
        GraphBuilder builder = sequences(lstm(), RNNFormat.NCW, DataType.DOUBLE)
                .backpropType(BackpropType.TruncatedBPTT)
                .tBPTTForwardLength(STEPS)
                .tBPTTBackwardLength(STEPS);
        AdaptedModel segments = onSequences(base(builder), "it");
        AdaptedModel whole = onSequences(base(sequences(lstm(), RNNFormat.NCW, DataType.DOUBLE)), "it");
        segments.graph().fit(sequences(DataType.DOUBLE, false));
        whole.graph().fit(sequences(DataType.DOUBLE, false));
        assertTrue(distance(whole.graph().params(), segments.graph().params()) < ROUNDING);
    }

    /** Both of its readers have adapters, and one hands all gradients down. */
    @Test
    void a_frozen_vertex_that_an_adapted_attention_and_an_adapted_layer_read_spoils_no_gradient() {
        for (List<String> order : List.of(List.of("it", "att"), List.of("att", "it"))) {
            GraphBuilder builder = new NeuralNetConfiguration.Builder()
                    .seed(SEED)
                    .dataType(DataType.DOUBLE)
                    .updater(new Sgd(0.1))
                    .graphBuilder()
                    .addInputs("in")
                    .addLayer("frozen", simple(4), "in")
                    .addLayer("below", simple(4), "in");
            for (String name : order) {
                if (name.equals("it")) {
                    builder.addLayer("it", lstm(), "frozen");
                } else {
                    builder.addVertex(
                            "att",
                            new AttentionVertex.Builder()
                                    .nHeads(2)
                                    .headSize(2)
                                    .projectInput(true)
                                    .nInQueries(4)
                                    .nInKeys(4)
                                    .nInValues(4)
                                    .nOut(4)
                                    .build(),
                            "frozen",
                            "below",
                            "below");
                }
            }
            builder.addLayer(
                            "out",
                            new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                    .nOut(2)
                                    .activation(Activation.SOFTMAX)
                                    .build(),
                            "it",
                            "att")
                    .setOutputs("out")
                    .setInputTypes(InputType.recurrent(3, STEPS, RNNFormat.NCW));
            ComputationGraph graph =
                    onSequences(base(builder), "it", "att", "below").graph();
            Gradients.check(graph, sequences(DataType.DOUBLE, false), 80, SEED);
        }
    }

    private static Layer simple(int units) {
        return new SimpleRnn.Builder().nOut(units).activation(Activation.TANH).build();
    }

    @Test
    void lora_fa_is_refused_on_an_embedding_whose_a_starts_at_zero() {
        Animal table = Zoo.animals().stream()
                .filter(animal -> animal.kind().getSimpleName().equals("EmbeddingLayer"))
                .findFirst()
                .orElseThrow();
        Attachment attachment = Attachment.of(training()).withFactors(FactorTraining.loraFa());
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> AdaptedModel.attach(
                        BaseModel.of(table.network()), LoraConfig.of(1, 2).withTargets("it"), attachment));
        assertTrue(refused.getMessage().startsWith("LoRA-FA does not train A"), refused.getMessage());
    }

    @Test
    void each_weight_of_a_layer_is_a_target_by_its_name_and_a_layer_s_name_means_them_all() {
        BaseModel base = base(sequences(lstm(), RNNFormat.NCW, DataType.FLOAT));
        assertEquals(List.of("below.W", "below.RW", "it.W", "it.RW", "out"), AdaptedModel.adaptableWeights(base));
        AdaptedModel one = onSequences(base, "it.RW");
        assertEquals(
                List.of("it.RW"),
                one.adapters().stream().map(spec -> spec.target()).toList());
        assertEquals(2 * (3 + 12), one.graph().numParams());
        AdaptedModel suffix = onSequences(base, "RW");
        assertEquals(
                List.of("below.RW", "it.RW"),
                suffix.adapters().stream().map(spec -> spec.target()).toList());
        AdaptedModel ranked = AdaptedModel.attach(
                base, LoraConfig.of(2, 4).withTargets("it").withRankPattern("it.RW", 1), training(), Probe.none());
        assertEquals(
                List.of(2, 1),
                ranked.adapters().stream().map(spec -> spec.rank()).toList());
        IllegalArgumentException unknown =
                assertThrows(IllegalArgumentException.class, () -> onSequences(base, "it.Wx"));
        assertTrue(unknown.getMessage().contains("'it.RW'"), unknown.getMessage());
    }

    @Test
    void the_report_has_a_row_for_each_adapted_weight_and_the_sum_of_rows_is_the_whole() {
        AdaptedModel model = onSequences(base(sequences(lstm(), RNNFormat.NCW, DataType.FLOAT)), "it");
        AdapterReport report = model.report();
        assertEquals(
                List.of("below", "it.W", "it.RW", "it", "out"),
                report.layers().stream().map(AdapterReport.LayerReport::name).toList());
        assertEquals(
                model.base().parameterCount(),
                report.layers().stream()
                        .mapToLong(AdapterReport.LayerReport::baseParameters)
                        .sum());
        assertEquals(
                model.graph().numParams(),
                report.layers().stream()
                        .mapToLong(AdapterReport.LayerReport::trainable)
                        .sum());
    }

    @Test
    void dropout_is_refused_where_an_adapter_has_no_input() {
        BaseModel base = base(sequences(lstm(), RNNFormat.NCW, DataType.FLOAT));
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> AdaptedModel.attach(
                        base, LoraConfig.of(2, 4).withTargets("it").withDropout(0.1), training(), Probe.none()));
        assertEquals(
                "dropout must be 0 for 'it.W': its adapter adds to the weight, and only adapters on a layer's input drop it, got 0.1; leave it out of the targets, or do without dropout",
                refused.getMessage());
    }

    @Test
    void penalties_move_factors_and_never_the_base() {
        BaseModel base = base(sequences(lstm(), RNNFormat.NCW, DataType.FLOAT));
        FineTuneConfiguration decaying = FineTuneConfiguration.builder()
                .updater(new Adam(0.05))
                .l2(0.1)
                .seed(SEED)
                .build();
        AdaptedModel model = AdaptedModel.attach(base, LoraConfig.of(2, 4).withTargets("it"), decaying, Probe.none());
        moveFactors(model.graph());
        double before = model.graph().calcRegularizationScore(true);
        assertEquals(
                0.5 * 0.1 * Math.pow(model.graph().params().norm2Number().doubleValue(), 2), before, 1e-5 * before);
        for (int i = 0; i < 20; i++) {
            model.graph().fit(sequences(DataType.FLOAT, false));
        }
        base.verifyUnchanged();
        model.graph()
                .paramTable()
                .forEach((key, values) -> assertFalse(values.amaxNumber().doubleValue() == 0, key));
    }
}
