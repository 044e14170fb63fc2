/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdapterReport.Status;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.optimize.api.InvocationType;
import org.deeplearning4j.optimize.listeners.EvaluativeListener;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.adapter.SingletonMultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;

/** What holds for every adapted model, whatever its layers. */
@OneIn(3)
class AdaptedModelLawsTest {

    private static final long SEED = 42;
    private static final DataType TYPE = DataType.FLOAT;

    /** Activations are of order 1 and sums have at most 60 terms: 60 roundings of 6e-8, and as much again to spare. */
    private static final double FLOAT_ROUNDING = 1e-5;

    private static FineTuneConfiguration training(IUpdater updater) {
        return FineTuneConfiguration.builder().updater(updater).seed(SEED).build();
    }

    private static AdaptedModel attach(TestCase test) {
        return attach(test, training(new Adam(0.05)));
    }

    private static AdaptedModel attach(TestCase test, FineTuneConfiguration training) {
        BaseModel base = BaseModel.of(test.network(TYPE, SEED));
        return AdaptedModel.attach(base, LoraConfig.of(2, 4).withTargets(test.targets()), training);
    }

    private static void train(ComputationGraph graph, TestCase test, int steps) {
        for (int i = 0; i < steps; i++) {
            graph.fit(test.data(TYPE, 6, SEED + i));
        }
    }

    private static INDArray[] output(ComputationGraph graph, TestCase test) {
        return graph.output(test.data(TYPE, 7, 99).getFeatures());
    }

    private static void assertSameBytes(INDArray[] expected, INDArray[] actual) {
        for (int i = 0; i < expected.length; i++) {
            assertTrue(ArrayBytes.same(expected[i], actual[i]), "output " + i);
        }
    }

    private static double distance(INDArray[] a, INDArray[] b) {
        double most = 0;
        for (int i = 0; i < a.length; i++) {
            most = Math.max(most, a[i].sub(b[i]).amaxNumber().doubleValue());
        }
        return most;
    }

    @ParameterizedTest
    @EnumSource
    void a_fresh_adapter_computes_what_the_base_computes(TestCase test) {
        AdaptedModel model = attach(test);
        assertTrue(distance(output(model.base().network(), test), output(model.graph(), test)) < FLOAT_ROUNDING);
    }

    @Tag("kernels")
    @ParameterizedTest
    @EnumSource
    void with_b_zero_the_adapter_changes_no_output(TestCase test) {
        AdaptedModel model = attach(test);
        INDArray[] with = output(model.graph(), test);
        try (AdapterScope off = model.disable()) {
            // equal values: adding +0 can only turn -0 into +0
            assertEquals(0, distance(with, output(model.graph(), test)));
        }
    }

    @ParameterizedTest
    @EnumSource
    @OneIn(6)
    void training_changes_every_parameter_array_and_lowers_the_loss(TestCase test) {
        AdaptedModel model = attach(test);
        MultiDataSet data = test.data(TYPE, 32, SEED);
        double before = model.graph().score(data);
        INDArray start = model.graph().params().dup();
        for (int i = 0; i < 60; i++) {
            model.graph().fit(data);
        }
        assertTrue(model.graph().score(data) < before, "the loss must fall");
        ComputationGraph fresh = model.graph().clone();
        fresh.setParams(start);
        model.graph()
                .paramTable()
                .forEach((name, values) ->
                        assertFalse(ArrayBytes.same(values, fresh.paramTable().get(name)), name + " did not train"));
    }

    static Stream<IUpdater> updaters() {
        return Stream.of(
                new Sgd(0.1),
                new Adam(0.1),
                new AdaMax(0.1),
                new AdaDelta(),
                new AdaGrad(0.1),
                new AMSGrad(0.1),
                new Nadam(0.1),
                new Nesterovs(0.1, 0.9),
                new RmsProp(0.1));
    }

    @ParameterizedTest
    @MethodSource("updaters")
    @OneIn(6)
    void the_base_keeps_its_bytes_under_every_updater_with_l1_l2_and_weight_decay(IUpdater updater) {
        for (TestCase test : TestCase.values()) {
            for (FineTuneConfiguration training : List.of(
                    FineTuneConfiguration.builder()
                            .updater(updater)
                            .l1(0.01)
                            .l2(0.01)
                            .build(),
                    FineTuneConfiguration.builder()
                            .updater(updater)
                            .weightDecay(0.01)
                            .build())) {
                ComputationGraph network = test.network(TYPE, SEED);
                INDArray before = network.params().dup();
                AdaptedModel model = AdaptedModel.attach(
                        BaseModel.of(network), LoraConfig.of(2, 4).withTargets(test.targets()), training);
                train(model.graph(), test, 3);
                assertTrue(ArrayBytes.same(before, network.params()), test + " " + updater);
                model.base().verifyUnchanged();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_parameter_vector_gradient_and_updater_state_have_adapter_size(TestCase test) {
        AdaptedModel model = attach(test);
        train(model.graph(), test, 1);
        long expected = model.adapters().stream()
                .mapToLong(spec -> {
                    LoraLayer layer = (LoraLayer)
                            model.graph().getLayer(spec.target()).conf().getLayer();
                    return spec.rank() * (layer.rows() + layer.columns());
                })
                .sum();
        assertEquals(expected, model.graph().numParams());
        assertEquals(expected, model.graph().getFlattenedGradients().length());
        assertEquals(
                2 * expected, model.graph().getUpdater().getStateViewArray().length(), "Adam keeps two values");
        assertEquals(expected, model.report().trainable());
        assertEquals(expected + model.base().parameterCount(), model.report().total());
    }

    @Test
    void an_adapter_in_a_configuration_must_be_for_the_bases_weight() {
        AdaptedModel model = attach(TestCase.DENSE);
        String json = model.graph().getConfiguration().toJson();
        String spec = model.adapters().get(0).target();
        LoraLayer layer = (LoraLayer) model.graph().getLayer(spec).conf().getLayer();
        String other = json.replaceFirst("\"rows\" : " + layer.rows(), "\"rows\" : " + (layer.rows() + 1));
        assertNotEquals(json, other);
        ComputationGraph graph = new ComputationGraph(ComputationGraphConfiguration.fromJson(other));
        IllegalStateException refused = assertThrows(IllegalStateException.class, graph::init);
        assertTrue(
                refused.getMessage().contains("must be for a weight of " + layer.rows() + " x " + layer.columns()),
                refused.getMessage());
    }

    @Tag("kernels")
    @ParameterizedTest
    @EnumSource
    void disabling_restores_the_base_and_enabling_the_adapter_also_nested_and_after_exceptions(TestCase test) {
        AdaptedModel model = attach(test);
        INDArray[] start = output(model.graph(), test);
        train(model.graph(), test, 5);
        INDArray[] trained = output(model.graph(), test);
        try (AdapterScope outer = model.disable()) {
            try (AdapterScope inner = model.disable()) {
                assertEquals(0, distance(start, output(model.graph(), test)));
            }
            assertFalse(model.isEnabled());
            assertEquals(0, distance(start, output(model.graph(), test)));
        }
        assertTrue(model.isEnabled());
        assertSameBytes(trained, output(model.graph(), test));
        assertThrows(IllegalStateException.class, () -> {
            try (AdapterScope off = model.disable()) {
                throw new IllegalStateException("inside");
            }
        });
        assertSameBytes(trained, output(model.graph(), test));
        AdapterScope twice = model.disable();
        twice.close();
        twice.close();
        assertTrue(model.isEnabled());
    }

    @Tag("kernels")
    @ParameterizedTest
    @EnumSource
    void merging_gives_the_adapted_output_and_unmerging_the_base_bit_for_bit(TestCase test) {
        AdaptedModel model = attach(test);
        train(model.graph(), test, 5);
        INDArray[] adapted = output(model.graph(), test);
        MergedModel merged = model.merge();
        assertTrue(distance(adapted, output(merged.network(), test)) < FLOAT_ROUNDING);
        assertNotEquals(0, distance(output(model.base().network(), test), output(merged.network(), test)));
        INDArray mergedBytes = merged.network().params().dup();
        merged.unmerge();
        merged.unmerge();
        assertTrue(ArrayBytes.same(
                model.base().network().params(), merged.network().params()));
        merged.merge();
        merged.merge();
        assertTrue(ArrayBytes.same(mergedBytes, merged.network().params()));
        assertSameBytes(adapted, output(model.graph(), test));
        model.base().verifyUnchanged();
    }

    @Tag("kernels")
    @ParameterizedTest
    @EnumSource
    void json_clone_and_zip_keep_the_output_and_training_goes_on_identically(TestCase test, @TempDir Path dir)
            throws Exception {
        AdaptedModel model = attach(test);
        train(model.graph(), test, 3);
        INDArray[] expected = output(model.graph(), test);

        ComputationGraphConfiguration json = ComputationGraphConfiguration.fromJson(
                model.graph().getConfiguration().toJson());
        ComputationGraph fromJson = new ComputationGraph(json);
        fromJson.init(model.graph().params(), true);
        assertSameBytes(expected, output(fromJson, test));

        ComputationGraph cloned = model.graph().clone();
        // Deeplearning4j's clone() forgets the iteration count, which Adam's bias correction needs.
        cloned.getConfiguration().setIterationCount(model.graph().getIterationCount());
        assertSameBytes(expected, output(cloned, test));

        File zip = dir.resolve("adapted.zip").toFile();
        ModelSerializer.writeModel(model.graph(), zip, true);
        ComputationGraph loaded = ModelSerializer.restoreComputationGraph(zip, true);
        assertSameBytes(expected, output(loaded, test));

        train(model.graph(), test, 2);
        train(loaded, test, 2);
        train(cloned, test, 2);
        assertTrue(ArrayBytes.same(model.graph().params(), loaded.params()));
        assertTrue(ArrayBytes.same(model.graph().params(), cloned.params()));
    }

    @Tag("kernels")
    @ParameterizedTest
    @EnumSource
    void same_seed_gives_same_bytes(TestCase test) {
        AdaptedModel one = attach(test);
        AdaptedModel two = attach(test);
        train(one.graph(), test, 3);
        train(two.graph(), test, 3);
        assertTrue(ArrayBytes.same(one.graph().params(), two.graph().params()));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BRANCHING") // the evaluating listener takes one output
    void fit_works_on_iterators_with_listeners(TestCase test) {
        AdaptedModel model = attach(test);
        List<Integer> seen = new ArrayList<>();
        model.graph()
                .setListeners(
                        new org.deeplearning4j.optimize.listeners.ScoreIterationListener(1),
                        new EvaluativeListener(
                                new SingletonMultiDataSetIterator(test.data(TYPE, 4, 1)), 1, InvocationType.EPOCH_END) {
                            @Override
                            public void iterationDone(org.deeplearning4j.nn.api.Model done, int iteration, int epoch) {
                                seen.add(iteration);
                            }
                        });
        model.graph().fit(new SingletonMultiDataSetIterator(test.data(TYPE, 6, SEED)), 2);
        assertEquals(2, seen.size());
    }

    @Test
    void truncated_back_propagation_trains_the_adapter_and_leaves_the_base() {
        TestCase test = TestCase.SEQUENCE;
        ComputationGraph network = test.network(TYPE, SEED);
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network),
                LoraConfig.of(2, 4).withTargets("out"),
                FineTuneConfiguration.builder()
                        .updater(new Sgd(0.1))
                        .backpropType(org.deeplearning4j.nn.conf.BackpropType.TruncatedBPTT)
                        .tbpttFwdLength(4)
                        .tbpttBackLength(4)
                        .build());
        INDArray before = model.graph().params().dup();
        train(model.graph(), test, 2);
        assertFalse(ArrayBytes.same(before, model.graph().params()));
        model.base().verifyUnchanged();
    }

    @Test
    void the_tail_trains_the_same_parameters_as_the_graph() {
        TestCase test = TestCase.ABOVE_A_PREFIX;
        AdaptedModel model = attach(test, training(new Sgd(0.1)));
        AdaptedModel twin = attach(test, training(new Sgd(0.1)));
        assertEquals(List.of("dense_0"), model.cut());
        assertTrue(model.hasPrefix());
        for (int i = 0; i < 3; i++) {
            MultiDataSet data = test.data(TYPE, 6, SEED + i);
            INDArray[] features = {
                model.base().network().feedForward(data.getFeatures(), false).get("dense_0")
            };
            model.tail().fit(new MultiDataSet(features, data.getLabels()));
            twin.graph().fit(data);
        }
        double difference =
                model.graph().params().sub(twin.graph().params()).amaxNumber().doubleValue();
        assertTrue(difference < FLOAT_ROUNDING, "got " + difference);
    }

    @ParameterizedTest
    @EnumSource
    void layers_trained_in_full_start_at_the_base_train_and_leave_it_alone(TestCase test) {
        String head = test == TestCase.BRANCHING ? "out_b" : "out";
        String[] targets =
                Arrays.stream(test.targets()).filter(name -> !name.equals(head)).toArray(String[]::new);
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(test.network(TYPE, SEED)),
                LoraConfig.of(2, 4).withTargets(targets).withTrainedInFull(head),
                training(new Adam(0.05)));
        INDArray[] start = output(model.graph(), test);
        assertTrue(distance(output(model.base().network(), test), start) < FLOAT_ROUNDING);
        train(model.graph(), test, 5);
        INDArray[] trained = output(model.graph(), test);
        for (Map.Entry<String, INDArray> entry : model.base().parameters(head).entrySet()) {
            assertFalse(ArrayBytes.same(
                    entry.getValue(), model.graph().getLayer(head).paramTable().get(entry.getKey())));
        }
        try (AdapterScope off = model.disable()) {
            assertEquals(0, distance(start, output(model.graph(), test)));
        }
        assertSameBytes(trained, output(model.graph(), test));
        assertTrue(distance(trained, output(model.merge().network(), test)) < FLOAT_ROUNDING);
        assertEquals(
                Status.TRAINED_IN_FULL,
                model.report().layers().stream()
                        .filter(layer -> layer.name().equals(head))
                        .findFirst()
                        .orElseThrow()
                        .status());
        model.base().verifyUnchanged();
    }

    @Test
    void dropout_is_off_in_evaluation() {
        TestCase test = TestCase.DENSE;
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(test.network(TYPE, SEED)),
                LoraConfig.of(2, 4).withTargets(test.targets()).withDropout(0.5),
                training(new Sgd(0.1)));
        train(model.graph(), test, 3);
        assertSameBytes(output(model.graph(), test), output(model.graph(), test));
    }

    @Test
    void a_batch_norm_keeps_its_statistics_unless_it_is_trained_in_full_and_then_they_are_saved(@TempDir Path dir)
            throws Exception {
        TestCase test = TestCase.NCHW;
        AdaptedModel frozen = attach(test);
        train(frozen.graph(), test, 3);
        MultiDataSet many = test.data(TYPE, 6, SEED);
        INDArray first = many.getFeatures(0).get(NDArrayIndex.interval(0, 1));
        INDArray alone = frozen.graph().output(true, first)[0].dup();
        INDArray among = frozen.graph().output(true, many.getFeatures(0))[0].getRow(0, true);
        assertTrue(distance(new INDArray[] {alone}, new INDArray[] {among}) < FLOAT_ROUNDING, "of no batch");
        frozen.base().verifyUnchanged();

        AdaptedModel asked = AdaptedModel.attach(
                BaseModel.of(test.network(TYPE, SEED)),
                LoraConfig.of(2, 4).withTargets(test.targets()).withTrainedInFull("norm"),
                training(new Sgd(0.1)));
        train(asked.graph(), test, 3);
        asked.save(dir);
        Map<String, INDArray> loaded = AdaptedModel.load(asked.base(), dir, training(new Sgd(0.1)))
                .graph()
                .getLayer("norm")
                .paramTable();
        for (String key : List.of("mean", "log10stdev")) {
            INDArray moved = asked.graph().getLayer("norm").getParam(key);
            assertFalse(ArrayBytes.same(asked.base().parameters("norm").get(key), moved), key);
            assertTrue(ArrayBytes.same(moved, loaded.get(key)), key);
        }
    }

    @Test
    void weight_decay_of_weights_and_of_biases_counts_once_in_every_layer() {
        FineTuneConfiguration training = FineTuneConfiguration.builder()
                .updater(new Sgd(0.1))
                .l1(0.01)
                .weightDecay(0.01)
                .l1Bias(0.01)
                .weightDecayBias(0.01)
                .build();
        TestCase test = TestCase.DENSE;
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(test.network(TYPE, SEED)),
                LoraConfig.of(2, 4).withTargets("dense_0").withTrainedInFull("dense_1", "out"),
                training);
        for (String name : List.of("dense_0", "dense_1", "out")) {
            BaseLayer layer = (BaseLayer) model.graph().getLayer(name).conf().getLayer();
            assertEquals(2, layer.getRegularization().size(), name);
            assertEquals(2, layer.getRegularizationBias().size(), name);
        }
        assertEquals(2, training.getRegularizationBias().size(), "the caller's own");
        train(model.graph(), test, 1);
    }

    @Tag("kernels")
    @Test
    void dropout_with_probability_0_trains_to_the_bytes_of_none_and_with_another_to_others() {
        TestCase test = TestCase.DENSE;
        BaseModel base = BaseModel.of(test.network(TYPE, SEED));
        LoraConfig plain = LoraConfig.of(2, 4).withTargets(test.targets());
        List<INDArray> trained = new ArrayList<>();
        for (LoraConfig config : List.of(plain, plain.withDropout(0), plain.withDropout(0.5))) {
            Nd4j.getRandom().setSeed(SEED);
            AdaptedModel model = AdaptedModel.attach(base, config, training(new Sgd(0.1)));
            train(model.graph(), test, 3);
            trained.add(model.graph().params());
        }
        assertTrue(ArrayBytes.same(trained.get(0), trained.get(1)));
        assertFalse(ArrayBytes.same(trained.get(0), trained.get(2)));
    }

    @Test
    void merging_non_finite_factors_is_refused_and_changes_nothing() {
        AdaptedModel model = attach(TestCase.DENSE);
        INDArray before = model.base().network().params().dup();
        model.graph().getLayer("dense_0").getParam("B").assign(Float.NaN);
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, model::merge);
        assertTrue(refused.getMessage().contains("'W' of layer 'dense_0'"), refused.getMessage());
        assertTrue(ArrayBytes.same(before, model.base().network().params()));
    }

    @Test
    void a_fitted_configuration_attaches_as_it_does_unfitted_and_only_where_its_layers_are() {
        BaseModel base = BaseModel.of(TestCase.DENSE.network(TYPE, SEED));
        LoraConfig config = LoraConfig.of(2, 4).withTargets("dense_0").withTrainedInFull("out");
        ResolvedLoraConfig fit = ResolvedLoraConfig.of(base, config);
        FineTuneConfiguration training = training(new Sgd(0.1));
        Nd4j.getRandom().setSeed(SEED);
        AdaptedModel unfitted = AdaptedModel.attach(base, config, training);
        Nd4j.getRandom().setSeed(SEED);
        AdaptedModel fitted = AdaptedModel.attach(base, fit, training, Probe.automatic());
        assertTrue(ArrayBytes.same(unfitted.graph().params(), fitted.graph().params()));
        assertEquals(unfitted.adapters(), fitted.adapters());
        assertEquals(unfitted.trainedInFull(), fitted.trainedInFull());
        BaseModel other = BaseModel.of(TestCase.NHWC.network(TYPE, SEED));
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> AdaptedModel.attach(other, fit, training, Probe.none()));
        assertTrue(refused.getMessage().contains("has no weight 'dense_0'"), refused.getMessage());
    }

    @Test
    void a_fine_tune_configuration_that_sets_an_activation_is_refused() {
        FineTuneConfiguration training = FineTuneConfiguration.builder()
                .activation(org.nd4j.linalg.activations.Activation.RELU)
                .build();
        assertThrows(IllegalArgumentException.class, () -> attach(TestCase.DENSE, training));
    }

    @Test
    void convert_to_double_keeps_the_output_within_float_precision() {
        TestCase test = TestCase.DENSE;
        AdaptedModel model = attach(test);
        train(model.graph(), test, 3);
        ComputationGraph converted = model.graph().convertDataType(DataType.DOUBLE);
        INDArray[] outputs = converted.output(test.data(DataType.DOUBLE, 7, 99).getFeatures());
        INDArray[] expected = output(model.graph(), test);
        assertEquals(DataType.DOUBLE, outputs[0].dataType());
        assertTrue(distance(expected, new INDArray[] {outputs[0].castTo(TYPE)}) < FLOAT_ROUNDING);
    }

    @Test
    void external_errors_give_the_gradient_of_their_product_with_the_output() {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(TestNetworks.withoutLoss(DataType.DOUBLE, SEED)),
                LoraConfig.of(2, 4).withTargets("a", "b"),
                training(new Sgd(0.1)));
        Random random = new Random(SEED);
        ComputationGraph graph = model.graph();
        graph.params()
                .assign(TestNetworks.normal(
                        DataType.DOUBLE, random, graph.params().shape()));
        INDArray x = TestNetworks.normal(DataType.DOUBLE, random, 6, 4);
        INDArray errors = TestNetworks.normal(DataType.DOUBLE, random, 6, 3);
        INDArray errorsBefore = errors.dup();
        graph.setInputs(x);
        graph.feedForward(new INDArray[] {x}, true, false);
        INDArray gradient = graph.backpropGradient(errors).gradient().dup();
        assertTrue(ArrayBytes.same(errorsBefore, errors), "the caller's errors must not be changed");
        double step = 1e-5;
        for (long i = 0; i < gradient.length(); i++) {
            double value = graph.params().getDouble(i);
            graph.params().putScalar(i, value + step);
            double above = graph.output(x)[0].mul(errors).sumNumber().doubleValue();
            graph.params().putScalar(i, value - step);
            double below = graph.output(x)[0].mul(errors).sumNumber().doubleValue();
            graph.params().putScalar(i, value);
            double numerical = (above - below) / (2 * step);
            // step² times the third derivative, plus rounding over step, with values of order 100
            assertEquals(numerical, gradient.getDouble(i), 1e-6 * Math.max(1, Math.abs(numerical)));
        }
    }
}
