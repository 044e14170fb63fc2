/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.lora.layer.LoraDense;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.GraphApproximator;
import org.amend4j.policy.InputShape;
import org.amend4j.prefix.HostPrefix;
import org.amend4j.provable.ProvableGraphs;
import org.amend4j.provable.ProvableOptions;
import org.amend4j.provable.ProvableProblem;
import org.amend4j.provable.ProvableProblem.Kind;
import org.amend4j.provable.TrainedFactors;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.testkit.Gradients;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A kind of layer that the library does not know, described here and nowhere else: it is adapted, frozen, merged, saved,
 * compiled for a policy, computed on a device and bounded as the built-in ones are. The layer is a user's dense layer that keeps its
 * weight as [outputs, inputs].
 */
class LayerKindInOneFileTest {

    /** The user's layer: a dense layer with another memory layout. */
    public static class TurnedDense extends DenseLayer {

        private static final long serialVersionUID = 1L;

        /** For Jackson. */
        protected TurnedDense() {}

        static TurnedDense of(int inputs, int outputs) {
            TurnedDense layer = new TurnedDense();
            layer.setNIn(inputs);
            layer.setNOut(outputs);
            layer.setHasBias(true);
            layer.setActivationFn(Activation.TANH.getActivationFunction());
            return layer;
        }

        @Override
        public ParamInitializer initializer() {
            return new TurnedInitializer();
        }

        @Override
        public org.deeplearning4j.nn.api.Layer instantiate(
                NeuralNetConfiguration conf,
                Collection<TrainingListener> listeners,
                int layerIndex,
                INDArray parameters,
                boolean initializeParameters,
                DataType type) {
            TurnedLayer layer = new TurnedLayer(conf, type);
            layer.setListeners(listeners);
            layer.setIndex(layerIndex);
            layer.setParamsViewArray(parameters);
            layer.setParamTable(initializer().init(conf, parameters, initializeParameters));
            return layer;
        }
    }

    private static final class TurnedInitializer extends DefaultParamInitializer {

        @Override
        protected INDArray createWeightMatrix(
                long nIn, long nOut, IWeightInit init, INDArray view, boolean initialize) {
            return super.createWeightMatrix(nOut, nIn, init, view, initialize);
        }
    }

    private static final class TurnedLayer extends org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer {

        private static final long serialVersionUID = 1L;

        TurnedLayer(NeuralNetConfiguration conf, DataType type) {
            super(conf, type);
        }

        @Override
        protected INDArray getParamWithNoise(String key, boolean training, LayerWorkspaceMgr workspaces) {
            INDArray parameter = super.getParamWithNoise(key, training, workspaces);
            return key.equals(DefaultParamInitializer.WEIGHT_KEY) ? parameter.transpose() : parameter;
        }
    }

    /** All that the library has to be told. */
    static final class TurnedKind implements LayerKind<TurnedDense> {

        @Override
        public Class<TurnedDense> configuration() {
            return TurnedDense.class;
        }

        @Override
        public int read(LayerReading<TurnedDense> reading) {
            return reading.product(
                    reading.parameters().inOrder(DefaultParamInitializer.WEIGHT_KEY),
                    reading.parameters().vector(DefaultParamInitializer.BIAS_KEY, true),
                    Optional.empty(),
                    reading.activation(reading.layer().getActivationFn()),
                    Shape.features((int) reading.layer().getNOut()));
        }

        @Override
        public boolean readsRows() {
            return true;
        }

        @Override
        public Optional<WeightMatrix> weight(TurnedDense layer) {
            return Optional.of(new Turned(layer.getNIn(), layer.getNOut()));
        }

        @Override
        public Optional<DenseForm> denseForm(TurnedDense layer) {
            return Optional.of(new DenseForm(
                    new Turned(layer.getNIn(), layer.getNOut()),
                    DefaultParamInitializer.WEIGHT_KEY,
                    Optional.of(DefaultParamInitializer.BIAS_KEY),
                    false,
                    new DenseForm.Function(layer.getActivationFn())));
        }

        @Override
        public org.deeplearning4j.nn.api.Layer onBase(
                TurnedDense layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
            return new LoraDense(conf, weights, type);
        }
    }

    private record Turned(long rows, long columns) implements WeightMatrix {

        @Override
        public List<Integer> kernel() {
            return List.of();
        }

        @Override
        public boolean isPeftExact() {
            return true;
        }

        @Override
        public INDArray matrix(INDArray weight) {
            return weight.transpose();
        }

        @Override
        public INDArray asWeight(INDArray matrix, long[] shape) {
            return matrix.transpose();
        }
    }

    private static final long SEED = 20261128;

    @TempDir
    Path temp;

    @BeforeAll
    static void theKindIsAdded() {
        LayerKinds.add(new TurnedKind());
    }

    private static BaseModel base(DataType type) {
        return BaseModel.of(network(type, TurnedDense.of(5, 4)));
    }

    private static ComputationGraph network(DataType type, DenseLayer hidden) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(type)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .addLayer("turned", hidden, "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(4)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "turned")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static INDArray rows(DataType type) {
        return Nd4j.rand(type, 16L, 5L).subi(0.5);
    }

    private static DataSet data(DataType type) {
        Nd4j.getRandom().setSeed(SEED);
        INDArray labels = Nd4j.zeros(type, 16, 3);
        for (int r = 0; r < 16; r++) {
            labels.putScalar(r, r % 3, 1);
        }
        return new DataSet(rows(type), labels);
    }

    private static AdaptedModel attach(BaseModel base, String target) {
        return AdaptedModel.attach(
                base,
                LoraConfig.of(2, 4).withTargets(Targets.names(target)),
                new FineTuneConfiguration.Builder().updater(new Sgd(0.5)).build());
    }

    private static AdaptedModel trained(BaseModel base, String target, DataSet data) {
        AdaptedModel model = attach(base, target);
        for (int step = 0; step < 20; step++) {
            model.graph().fit(data);
        }
        return model;
    }

    private static double[] outputs(ComputationGraph graph, DataSet data) {
        return graph.outputSingle(data.getFeatures())
                .castTo(DataType.DOUBLE)
                .dup('c')
                .data()
                .asDouble();
    }

    @Test
    void itIsAdaptedAndTheBaseStaysAsItWas() {
        BaseModel base = base(DataType.DOUBLE);
        DataSet data = data(DataType.DOUBLE);
        assertEquals(List.of("turned", "out"), AdaptedModel.adaptableLayers(base));
        double[] before = outputs(base.network(), data);
        AdaptedModel model = attach(base, "turned");
        assertArrayEquals(before, outputs(model.graph(), data), 1e-15, "a fresh adapter computes what the base does");
        assertEquals(5 * 2 + 2 * 4, Gradients.check(model.graph(), data.toMultiDataSet(), 100, SEED));
        AdaptedModel trained = trained(base, "turned", data);
        assertNotEquals(before[0], outputs(trained.graph(), data)[0]);
        assertArrayEquals(before, outputs(base.network(), data), 0, "the base");
    }

    @Test
    void itIsMerged() {
        BaseModel base = base(DataType.DOUBLE);
        DataSet data = data(DataType.DOUBLE);
        AdaptedModel model = trained(base, "turned", data);
        ComputationGraph merged = model.merge().network();
        assertArrayEquals(outputs(model.graph(), data), outputs(merged, data), 1e-14);
        assertEquals(
                TurnedDense.class, merged.getLayer("turned").conf().getLayer().getClass());
    }

    @Test
    void itIsSavedAndLoaded() throws Exception {
        BaseModel base = base(DataType.DOUBLE);
        DataSet data = data(DataType.DOUBLE);
        AdaptedModel model = trained(base, "turned", data);
        model.save(temp.resolve("adapter"));
        AdaptedModel loaded = AdaptedModel.load(
                base,
                temp.resolve("adapter"),
                new FineTuneConfiguration.Builder().updater(new Sgd(0.5)).build());
        assertArrayEquals(outputs(model.graph(), data), outputs(loaded.graph(), data), 0);
    }

    @Test
    void itIsFrozenBelowWhatTrains() {
        BaseModel base = base(DataType.FLOAT);
        DataSet data = data(DataType.FLOAT);
        AdaptedModel model = trained(base, "out", data);
        assertTrue(model.hasPrefix());
        INDArray features = model.prefix().orElseThrow().run(data.getFeatures())[0];
        HostPrefix turned = HostPrefix.of(base.network(), List.of("turned"));
        assertEquals(Optional.empty(), turned.obstacle(data.getFeatures()), "a plan computes it");
        ComputationGraph tail = model.tail();
        double[] expected = outputs(model.graph(), data);
        // a compiled product adds five and four terms in another order
        assertArrayEquals(
                expected,
                tail.outputSingle(features)
                        .castTo(DataType.DOUBLE)
                        .dup('c')
                        .data()
                        .asDouble(),
                1e-6);
    }

    @Test
    void itIsAPolicysAndCompiledForIt() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .addLayer("turned", TurnedDense.of(5, 4), "in")
                .addLayer("out", TurnedDense.of(4, 3), "turned")
                .setOutputs("out")
                .build());
        graph.init();
        ComputationGraph adapted = trained(BaseModel.of(graph));
        Approximator kernel = Approximators.of(adapted);
        assertFalse(kernel instanceof GraphApproximator);
        double[] inputs = rows(DataType.DOUBLE).ravel().toDoubleVector();
        assertArrayEquals(
                GraphApproximator.of(adapted, new InputShape.Row(5))
                        .forward(inputs, new int[] {16})
                        .outputs(),
                kernel.forward(inputs, new int[] {16}).outputs(),
                1e-14);
    }

    private static ComputationGraph trained(BaseModel base) {
        ComputationGraph graph = AdaptedModel.attach(
                        base,
                        LoraConfig.of(2, 4).withTargets(Targets.names("turned", "out")),
                        new FineTuneConfiguration.Builder()
                                .updater(new Sgd(0.5))
                                .build())
                .graph();
        graph.params().addi(Nd4j.rand(DataType.DOUBLE, graph.params().shape()));
        return graph;
    }

    @Test
    void itIsPlannedAndComputedOnADevice() {
        BaseModel base = base(DataType.FLOAT);
        AdaptedModel model = trained(base, "turned", data(DataType.FLOAT));
        Records records = Records.of(data(DataType.FLOAT));
        GraphObjective reference = GraphObjective.of(model.graph(), records);
        double[] theta = reference.parameters();
        double[] expected = new double[theta.length];
        double[] found = new double[theta.length];
        double value = reference.valueAndGradient(theta, expected);
        try (Device device = EmulatedDevices.plain();
                PlannedObjective objective =
                        PlannedObjective.of(device, model.graph(), records, PlanSettings.DEFAULT)) {
            // sums of a few hundred products in single precision
            assertEquals(value, objective.valueAndGradient(theta, found), 1e-5);
        }
        assertArrayEquals(expected, found, 1e-5);
    }

    /** The same function of the same weights, in Deeplearning4j's own layer. */
    private static ComputationGraph twin(ComputationGraph turned) {
        ComputationGraph twin = network(
                DataType.DOUBLE,
                new DenseLayer.Builder()
                        .nIn(5)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build());
        INDArray weight = turned.getLayer("turned").getParam(DefaultParamInitializer.WEIGHT_KEY);
        twin.getLayer("turned").setParam(DefaultParamInitializer.WEIGHT_KEY, weight.transpose());
        twin.getLayer("out").setParams(turned.getLayer("out").params().dup());
        return twin;
    }

    @Test
    void itBringsItsConstantsTrainedOrAdapted() {
        ComputationGraph turned = network(DataType.DOUBLE, TurnedDense.of(5, 4));
        Records records = Records.of(data(DataType.DOUBLE));
        // five numbers below one half
        ProvableOptions options = ProvableOptions.defaults().withFeatureRadius(1.12);
        ProvableOptions trained = options.withLayerRadii(1.5, 0.5);
        ProvableProblem problem = ProvableGraphs.of(turned, records, trained);
        assertEquals(Kind.SMOOTH_NETWORK, problem.kind());
        assertEquals(ProvableGraphs.of(twin(turned), records, trained).bounds(), problem.bounds());
        ProvableOptions adapted = options.withFactors(TrainedFactors.BOTH).withParameterRadius(0.5);
        ProvableProblem inside = ProvableGraphs.of(attach(BaseModel.of(turned), "turned"), records, adapted);
        assertEquals(Kind.ADAPTED_NETWORK, inside.kind());
        LossBounds expected = ProvableGraphs.of(attach(BaseModel.of(twin(turned)), "turned"), records, adapted)
                .bounds();
        // norms of the base's weight are sums in another order
        assertEquals(
                expected.gradientBound().value(),
                inside.bounds().gradientBound().value(),
                1e-14);
        assertEquals(expected.lipschitz().value(), inside.bounds().lipschitz().value(), 1e-13);
    }

    @Test
    void itsGradientsKeepItsConstants() {
        ComputationGraph turned = network(DataType.DOUBLE, TurnedDense.of(5, 4));
        ProvableProblem problem = ProvableGraphs.of(
                turned,
                Records.of(data(DataType.DOUBLE)),
                ProvableOptions.defaults().withFeatureRadius(1.12).withLayerRadii(1.5, 0.5));
        RecordObjective record = problem.objective()
                .restrictedTo(RecordIds.of(problem.objective().records().get(0)));
        Random random = new Random(SEED);
        double[] before = problem.start();
        double[] gradient = new double[before.length];
        record.valueAndGradient(before, gradient);
        for (int k = 0; k < 50; k++) {
            double[] theta = random.doubles(before.length, -1, 1).toArray();
            problem.project(theta);
            double[] next = new double[before.length];
            record.valueAndGradient(theta, next);
            double g = problem.bounds().gradientBound().value();
            double l = problem.bounds().lipschitz().value();
            assertTrue(Vectors.norm(next) <= g, () -> Vectors.norm(next) + " > " + g);
            assertTrue(distance(next, gradient) <= l * distance(theta, before));
            before = theta;
            gradient = next;
        }
    }

    private static double distance(double[] x, double[] y) {
        double[] difference = x.clone();
        Arrays.setAll(difference, i -> x[i] - y[i]);
        return Vectors.norm(difference);
    }
}
