/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.Clipping.Unit;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.model.SuppressForbidden;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.model.NormClipVertex;
import org.amend4j.provable.ProvableProblem.Kind;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.testkit.TestCase;
import org.amend4j.unlearn.ParameterBall;
import org.amend4j.unlearn.RoundingModel;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** What breaks a bound is refused in one sentence that names the layer, vertex or record. */
class ProvableRefusalsTest {

    private static final Records RECORDS = Graphs.softmaxRecords(5, 3, 3, 0.9);
    private static final ProvableOptions OPTIONS =
            ProvableOptions.defaults().withFeatureRadius(1).withLayerRadii(1, 1);
    private static final ProvableOptions CLIPPED = OPTIONS.withClipping(Clipping.perRecord(1));

    private static ComputationGraph with(UnaryOperator<NeuralNetConfiguration.Builder> change) {
        return Graphs.graph(change.apply(Graphs.builder())
                .graphBuilder()
                .addInputs("in")
                .addLayer("out", Graphs.softmax(3, 3).build(), "in"));
    }

    private static void refusedEvenIfClipped(String rule, ComputationGraph graph) {
        refused(rule, () -> ProvableGraphs.of(graph, RECORDS, OPTIONS));
        refused(rule, () -> ProvableGraphs.of(graph, RECORDS, CLIPPED));
    }

    /** The subject of the other tests is accepted but for what each of them changes. */
    @Test
    void the_graph_that_is_changed_is_not_refused_itself() {
        assertEquals(
                Kind.LINEAR_HEAD,
                ProvableGraphs.of(with(b -> b), RECORDS, OPTIONS).kind());
        assertEquals(
                Kind.SMOOTH_NETWORK,
                ProvableGraphs.of(hidden(Graphs.dense(3, 3, Activation.TANH)), RECORDS, OPTIONS)
                        .kind());
    }

    private static ComputationGraph hidden(DenseLayer layer) {
        return Graphs.graph(Graphs.builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", layer, "in")
                .addLayer("out", Graphs.softmax(3, 3).build(), "hidden"));
    }

    /** Its bias is in no ball. */
    @Test
    void a_layer_that_trains_its_bias_beside_adapted_ones_is_refused() {
        ComputationGraph network = Graphs.graph(Graphs.builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", withoutBias(), "in")
                .addLayer("middle", Graphs.dense(3, 3, Activation.TANH), "hidden")
                .addLayer("out", Graphs.softmax(3, 3).build(), "middle"));
        ProvableOptions options = OPTIONS.withFactors(TrainedFactors.BOTH).withParameterRadius(0.4);
        AdaptedModel plain = Graphs.adapted(network, config -> config.withTargets("hidden"));
        assertEquals(
                Kind.ADAPTED_NETWORK, ProvableGraphs.of(plain, RECORDS, options).kind());
        AdaptedModel biased =
                Graphs.adapted(network, config -> config.withTargets("hidden").withBias(BiasMode.ALL));
        refused("'middle' trains more than an adapter's factors", () -> ProvableGraphs.of(biased, RECORDS, options));
    }

    private static DenseLayer withoutBias() {
        return new DenseLayer.Builder()
                .nIn(3)
                .nOut(3)
                .activation(Activation.TANH)
                .hasBias(false)
                .build();
    }

    @Test
    void single_precision_is_refused() {
        refusedEvenIfClipped("must be DOUBLE, got FLOAT", with(b -> b.dataType(DataType.FLOAT)));
        GraphObjective single = GraphObjective.of(
                TestCase.DENSE.network(DataType.FLOAT, 1), Records.of(TestCase.DENSE.data(DataType.FLOAT, 3, 1)));
        refused(
                "must be DOUBLE, got FLOAT",
                () -> ProvableGraphs.of(
                        single.clipped(Clipping.perRecord(1)), single.parameters(), OptionalDouble.empty()));
    }

    @ParameterizedTest
    @EnumSource(value = GradientNormalization.class, mode = Mode.EXCLUDE, names = "None")
    void normalising_the_batchs_gradient_is_refused(GradientNormalization kind) {
        refusedEvenIfClipped(
                "layer 'out' has the gradient normalisation " + kind,
                with(b -> b.gradientNormalization(kind).gradientNormalizationThreshold(1)));
    }

    @Test
    void updaters_with_a_state_are_refused_unless_they_are_said_to_be_unused() {
        for (IUpdater updater : List.of(new Adam(0.1), new Nesterovs(0.1, 0.9), new RmsProp(0.1))) {
            ComputationGraph graph = with(b -> b.updater(updater));
            String name = updater.getClass().getSimpleName();
            refusedEvenIfClipped("layer 'out' has the updater " + name, graph);
            ProvableProblem problem = ProvableGraphs.of(graph, RECORDS, OPTIONS.ignoringUpdater());
            assertTrue(
                    problem.notes().stream().anyMatch(note -> note.contains(name) && note.contains("not used")),
                    () -> problem.notes().toString());
        }
        refusedEvenIfClipped("layer 'out' has the updater Adam", with(b -> b.biasUpdater(new Adam(0.1))));
    }

    @Test
    void constraints_are_refused() {
        refusedEvenIfClipped("layer 'out' has constraints", with(b -> b.constrainWeights(new MaxNormConstraint(1, 1))));
    }

    @Test
    void what_is_drawn_at_random_in_training_is_refused() {
        refusedEvenIfClipped("layer 'out' has dropout", with(b -> b.dropOut(0.5)));
        refusedEvenIfClipped(
                "layer 'out' has weight noise",
                with(b -> b.weightNoise(new WeightNoise(new NormalDistribution(0, 0.1)))));
        refusedEvenIfClipped(
                "layer 'hidden' has a random activation",
                hidden(new DenseLayer.Builder()
                        .nIn(3)
                        .nOut(3)
                        .activation(new ActivationRReLU())
                        .build()));
    }

    @Test
    void regularisation_in_the_configuration_is_refused() {
        refusedEvenIfClipped("layer 'out' has regularisation", with(b -> b.l1(0.1)));
        refusedEvenIfClipped("layer 'out' has regularisation", with(b -> b.l2(0.1)));
        refusedEvenIfClipped("layer 'out' has regularisation", with(b -> b.weightDecay(0.1)));
    }

    @Test
    void batch_statistics_are_refused() {
        refusedEvenIfClipped(
                "layer 'norm' normalises with the batch's statistics",
                Graphs.graph(Graphs.builder()
                        .graphBuilder()
                        .addInputs("in")
                        .addLayer(
                                "norm",
                                new BatchNormalization.Builder().nIn(3).nOut(3).build(),
                                "in")
                        .addLayer("out", Graphs.softmax(3, 3).build(), "norm")));
    }

    @Test
    void vertices_that_mix_records_or_may_do_so_are_refused() {
        refusedEvenIfClipped(
                "vertex 'stack' (StackVertex)",
                Graphs.graph(Graphs.builder()
                        .graphBuilder()
                        .addInputs("in")
                        .addVertex("stack", new StackVertex(), "in", "in")
                        .addVertex("half", new UnstackVertex(0, 2), "stack")
                        .addLayer("out", Graphs.softmax(3, 3).build(), "half")));
        refusedEvenIfClipped(
                "vertex 'out' (BatchMean)",
                Graphs.graph(Graphs.builder()
                        .graphBuilder()
                        .addInputs("in")
                        .addLayer("out", Graphs.softmax(3, 3).build(), new BatchMean(), "in")));
        ComputationGraph columns = Graphs.graph(Graphs.builder()
                .graphBuilder()
                .addInputs("in")
                .addVertex("columns", new L2NormalizeVertex(new int[] {0}, 1e-8), "in")
                .addLayer("out", Graphs.softmax(3, 3).build(), "columns"));
        refusedEvenIfClipped("vertex 'columns' (L2NormalizeVertex)", columns);
    }

    /** Dense layers that no kind describes. */
    public static class Undescribed extends DenseLayer {
        private static final long serialVersionUID = 1L;

        /** For Jackson. */
        protected Undescribed() {}

        static Undescribed of(int inputs, int outputs) {
            Undescribed layer = new Undescribed();
            layer.setNIn(inputs);
            layer.setNOut(outputs);
            layer.setActivationFn(Activation.TANH.getActivationFunction());
            return layer;
        }
    }

    /** And a recurrent layer. */
    public static class UndescribedRnn extends SimpleRnn {
        private static final long serialVersionUID = 1L;

        private UndescribedRnn(Builder builder) {
            super(builder);
        }

        static UndescribedRnn of(int inputs, int outputs) {
            return new UndescribedRnn(new SimpleRnn.Builder().nIn(inputs).nOut(outputs));
        }
    }

    @Test
    void layers_that_no_kind_describes_are_refused_wherever_they_are() {
        refusedEvenIfClipped("vertex 'hidden' (Undescribed)", hidden(Undescribed.of(3, 3)));
        AdaptedModel above = Graphs.adapted(hidden(Undescribed.of(3, 3)), config -> config.withTargets("out"));
        refused("vertex 'hidden' (Undescribed)", () -> ProvableGraphs.of(above, RECORDS, OPTIONS));
        AdaptedModel behind = Graphs.adapted(
                Graphs.graph(Graphs.builder()
                        .graphBuilder()
                        .addInputs("in")
                        .addLayer("hidden", Graphs.dense(3, 3, Activation.TANH), new BatchMean(), "in")
                        .addLayer("out", Graphs.softmax(3, 3).build(), "hidden")),
                config -> config.withTargets("out"));
        refused("vertex 'hidden' (BatchMean)", () -> ProvableGraphs.of(behind, RECORDS, OPTIONS));
        refusedEvenIfClipped(
                "vertex 'both' (UndescribedRnn)",
                Graphs.graph(Graphs.builder()
                        .graphBuilder()
                        .addInputs("in")
                        .addLayer("both", new Bidirectional(UndescribedRnn.of(3, 3)), "in")
                        .addLayer(
                                "out",
                                new RnnOutputLayer.Builder().nIn(6).nOut(3).build(),
                                "both")));
    }

    @Test
    void a_function_is_not_known_by_its_name() {
        DenseLayer layer = Graphs.dense(3, 3, Activation.TANH);
        layer.setActivationFn(new SineDense.Sine());
        refused(
                "activation 'tanh' is not in the table of proved constants",
                () -> ProvableGraphs.of(hidden(layer), RECORDS, OPTIONS));
    }

    /** What nobody knows of. */
    public static final class BatchMean implements InputPreProcessor {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray preProcess(INDArray input, int batch, LayerWorkspaceMgr workspaces) {
            return input.subRowVector(input.mean(0));
        }

        @Override
        public INDArray backprop(INDArray output, int batch, LayerWorkspaceMgr workspaces) {
            return output;
        }

        @Override
        @SuppressForbidden("the compiler's bridge to this very method calls it by that name")
        public InputPreProcessor clone() {
            return new BatchMean();
        }

        @Override
        public InputType getOutputType(InputType inputType) {
            return inputType;
        }

        @Override
        public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray mask, MaskState state, int batch) {
            return new Pair<>(mask, state);
        }
    }

    @Test
    void features_are_bounded_by_somebody_or_refused() {
        ComputationGraph graph = with(b -> b);
        refused(
                "layer 'out' reads the records as they are",
                () -> ProvableGraphs.of(graph, RECORDS, ProvableOptions.defaults()));
        INDArray features = Nd4j.createFromArray(new double[][] {{0.5, 0, 0}, {0, 0.6, 0.8}, {1e-5, 1, 0}, {0, 0, 2}});
        INDArray labels = Nd4j.eye(4).castTo(DataType.DOUBLE).get(NDArrayIndex.all(), NDArrayIndex.interval(0, 3));
        labels.putScalar(3, 0, 1);
        Records records = Records.of(new MultiDataSet(features, labels)).withIds(3, 14, 15, 92);
        refused("norm <= 1.0, got 1.0000000000", () -> ProvableGraphs.of(graph, records, OPTIONS));
        String sentence = refused("norm <= 1.0", () -> ProvableGraphs.of(graph, records, OPTIONS));
        assertTrue(sentence.contains("(record 15)"), sentence);
        ComputationGraph above = Graphs.graph(Graphs.builder()
                .graphBuilder()
                .addInputs("in")
                .addVertex("twice", new ScaleVertex(2), "in")
                .addLayer("out", Graphs.softmax(3, 3).build(), "twice"));
        refused(
                "layer 'out' reads 'twice', whose norm is not bounded",
                () -> ProvableGraphs.of(above, RECORDS, OPTIONS));
    }

    @Test
    void labels_that_are_none_are_refused_by_record() {
        INDArray features = RECORDS.all().getFeatures(0);
        INDArray labels = RECORDS.all().getLabels(0).dup();
        labels.getRow(2).muli(2);
        refused(
                "every label must be in [0, 1], got 2.0 (record 2)",
                () -> ProvableGraphs.of(with(b -> b), Records.of(new MultiDataSet(features, labels)), OPTIONS));
        labels.getRow(2).muli(0.25);
        refused(
                "must sum to 1 in double precision, got 0.5 (record 2)",
                () -> ProvableGraphs.of(with(b -> b), Records.of(new MultiDataSet(features, labels)), OPTIONS));
        labels.getRow(2).assign(-1);
        refused(
                "every label must be in [0, 1], got -1.0 (record 2)",
                () -> ProvableGraphs.of(
                        Graphs.head(Graphs.sigmoid(3, 3).build()),
                        Records.of(new MultiDataSet(features, labels)),
                        OPTIONS));
    }

    @Test
    void masks_are_refused() {
        Records masked = Records.of(new MultiDataSet(
                new INDArray[] {RECORDS.all().getFeatures(0)},
                new INDArray[] {RECORDS.all().getLabels(0)},
                null,
                new INDArray[] {Nd4j.ones(DataType.DOUBLE, 5, 1)}));
        refused("got masks", () -> ProvableGraphs.of(with(b -> b), masked, OPTIONS));
        assertEquals(
                Kind.CLIPPED, ProvableGraphs.of(with(b -> b), masked, CLIPPED).kind());
    }

    @Test
    void losses_without_known_constants_are_refused() {
        OutputLayer squared = new OutputLayer.Builder(LossFunction.MSE)
                .activation(Activation.IDENTITY)
                .nIn(3)
                .nOut(3)
                .build();
        refused("layer 'out' has the loss LossMSE()", () -> ProvableGraphs.of(Graphs.head(squared), RECORDS, OPTIONS));
        OutputLayer negative = Graphs.softmax(3, 3)
                .lossFunction(new LossMCXENT(Nd4j.createFromArray(new double[][] {{1, -1, 1}})))
                .build();
        refused("loss weights must be >= 0", () -> ProvableGraphs.of(Graphs.head(negative), RECORDS, OPTIONS));
    }

    @Test
    void a_clip_of_probabilities_is_refused_where_it_could_act() {
        Records records = Graphs.sigmoidRecords(4, 3, 1, 1);
        ComputationGraph graph = Graphs.head(
                Graphs.sigmoid(3, 1).lossFunction(new LossBinaryXENT()).build());
        String sentence = refused("layer 'out' clips probabilities", () -> ProvableGraphs.of(graph, records, OPTIONS));
        // ln((1 - 1e-5)/1e-5) = 11.5129 over √2
        assertTrue(sentence.contains("within 8.140"), sentence);
        refused("clips probabilities", () -> ProvableGraphs.of(graph, records, OPTIONS.withParameterRadius(8.15)));
        assertEquals(
                Kind.LINEAR_HEAD,
                ProvableGraphs.of(graph, records, OPTIONS.withParameterRadius(8.14))
                        .kind());
        ComputationGraph deep = Graphs.graph(Graphs.builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", Graphs.dense(3, 3, Activation.TANH), "in")
                .addLayer(
                        "out",
                        Graphs.sigmoid(3, 1).lossFunction(new LossBinaryXENT()).build(),
                        "hidden"));
        refused("use new LossBinaryXENT(0.0)", () -> ProvableGraphs.of(deep, records, OPTIONS));
    }

    /** Whatever a layer is called. */
    @Test
    void a_refusal_names_its_remedies_in_the_words_of_whoever_asks() {
        ComputationGraph named = Graphs.graph(Graphs.builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("withClipping", Graphs.dense(3, 3, Activation.RELU), "in")
                .addLayer("out", Graphs.softmax(3, 3).build(), "withClipping"));
        NotProvedException refusal =
                assertThrows(NotProvedException.class, () -> ProvableGraphs.of(named, RECORDS, OPTIONS));
        String sentence = refusal.sentence(remedy -> "--" + remedy.name());
        assertTrue(sentence.contains("layer 'withClipping'") && sentence.endsWith("(--CLIPPING)"), sentence);
        assertEquals(refusal.getMessage(), refusal.sentence(EnablingOption::method));
    }

    @Test
    void networks_without_an_l_are_refused_with_what_would_help_and_accepted_with_clipping() {
        ComputationGraph relu = hidden(Graphs.dense(3, 3, Activation.RELU));
        String sentence = refused("has a derivative that jumps", () -> ProvableGraphs.of(relu, RECORDS, OPTIONS));
        assertTrue(sentence.contains("(layer 'hidden')") && sentence.contains("withClipping"), sentence);
        ProvableProblem problem = ProvableGraphs.of(relu, RECORDS, CLIPPED.withParameterRadius(3));
        assertEquals(Kind.CLIPPED, problem.kind());
        assertEquals(1, problem.bounds().gradientBound().value());
        assertTrue(!problem.bounds().lipschitz().isKnown());
        assertEquals(6, problem.bounds().diameter().value());
        assertEquals(LossCurvature.NONCONVEX, problem.bounds().curvature());
        refused(
                "'elu' with the factor 2.0",
                () -> ProvableGraphs.of(
                        hidden(new DenseLayer.Builder()
                                .nIn(3)
                                .nOut(3)
                                .activation(new ActivationELU(2))
                                .build()),
                        RECORDS,
                        OPTIONS));
        refused(
                "layer 'hidden' has layer normalisation",
                () -> ProvableGraphs.of(
                        hidden(new DenseLayer.Builder()
                                .nIn(3)
                                .nOut(3)
                                .activation(Activation.TANH)
                                .hasLayerNorm(true)
                                .build()),
                        RECORDS,
                        OPTIONS));
        refused(
                "the weights of layer 'hidden' must be kept in balls",
                () -> ProvableGraphs.of(
                        hidden(Graphs.dense(3, 3, Activation.TANH)),
                        RECORDS,
                        ProvableOptions.defaults().withFeatureRadius(1)));
        refused(
                "layer 'conv_0' is a ConvolutionLayer",
                () -> ProvableGraphs.of(
                        convolutional(), Records.of(TestCase.NCHW.data(DataType.DOUBLE, 2, 1)), OPTIONS));
    }

    private static ComputationGraph convolutional() {
        return Graphs.graph(Graphs.builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "conv_0",
                        new ConvolutionLayer.Builder(3, 3)
                                .nIn(2)
                                .nOut(2)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer("out", Graphs.softmax(84, 3).build(), "conv_0")
                .setInputTypes(InputType.convolutional(9, 8, 2)));
    }

    @Test
    void branches_are_no_chain() {
        ComputationGraph graph = Graphs.graph(Graphs.builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("one", Graphs.dense(3, 3, Activation.TANH), "in")
                .addLayer("two", Graphs.dense(3, 3, Activation.TANH), "one")
                .addVertex("both", new MergeVertex(), "one", "two")
                .addLayer("out", Graphs.softmax(6, 3).build(), "both"));
        refused("layer 'one' must be one of a chain", () -> ProvableGraphs.of(graph, RECORDS, OPTIONS));
    }

    @Test
    void adapters_elsewhere_and_unbounded_ones_are_refused() {
        Records records = Graphs.softmaxRecords(4, 3, 3, 1);
        AdaptedModel inside = Graphs.adapted(Graphs.withBody(1), config -> config.withTargets("body"));
        refused("'clip' above adapters is not a dense layer", () -> ProvableGraphs.of(inside, records, OPTIONS));
        AdaptedModel several = Graphs.adapted(Graphs.withBody(1), config -> config.withTargets("body", "out"));
        refused("'clip' above adapters is not a dense layer", () -> ProvableGraphs.of(several, records, OPTIONS));
        AdaptedModel chain = Graphs.adapted(
                Graphs.graph(Graphs.builder()
                        .graphBuilder()
                        .addInputs("in")
                        .addLayer("body", Graphs.dense(3, 4, Activation.TANH), "in")
                        .addLayer("out", Graphs.softmax(4, 3).build(), "body")),
                config -> config.withTargets("body"));
        refused("must be kept in a ball each", () -> ProvableGraphs.of(chain, records, OPTIONS));
        refused("both factors trained only", () -> ProvableGraphs.of(chain, records, OPTIONS.withParameterRadius(1)));
        AdaptedModel top = Graphs.adapted(Graphs.withBody(1), config -> config.withTargets("out"));
        refused(
                "both factors of adapter 'out' must be kept in a ball",
                () -> ProvableGraphs.of(top, records, OPTIONS.withFactors(TrainedFactors.BOTH)));
        refused("without clipping", () -> ProvableGraphs.of(top, records, CLIPPED));
        AdaptedModel unbounded = Graphs.adapted(
                Graphs.graph(Graphs.builder()
                        .graphBuilder()
                        .addInputs("in")
                        .addLayer("body", Graphs.dense(3, 4, Activation.TANH), "in")
                        .addLayer("out", Graphs.softmax(4, 3).build(), "body")),
                config -> config.withTargets("out"));
        refused("reads 'body', whose norm is not bounded", () -> ProvableGraphs.of(unbounded, records, OPTIONS));
        AdaptedModel dropping = Graphs.adapted(
                Graphs.withBody(1), config -> config.withTargets("out").withDropout(0.5));
        refused("layer 'out' has adapter dropout 0.5", () -> ProvableGraphs.of(dropping, records, OPTIONS));
    }

    @Test
    void options_out_of_their_range_are_refused() {
        refused("the radius of the features must be > 0", () -> OPTIONS.withFeatureRadius(0));
        refused("the normaliser must be > 0", () -> OPTIONS.withNormaliser(-1));
        refused("the weight decay must be >= 0", () -> OPTIONS.withWeightDecay(-1));
        refused("the radius of the parameters must be > 0", () -> OPTIONS.withParameterRadius(Double.NaN));
        refused("the radius of a layer's bias must be > 0", () -> OPTIONS.withLayerRadii("out", 1, 0));
    }

    @Test
    void clipping_keeps_convexity_of_one_logit_only_and_subjects_have_no_l() {
        Records records = Graphs.softmaxRecords(6, 3, 3, 1);
        ComputationGraph softmax = Graphs.clippedHead(1, Graphs.softmax(3, 3).build());
        ProvableProblem clipped = ProvableGraphs.of(softmax, records, CLIPPED);
        assertEquals(Kind.LINEAR_HEAD, clipped.kind());
        assertEquals(LossCurvature.NONCONVEX, clipped.bounds().curvature());
        assertEquals(1, clipped.bounds().gradientBound().value());
        assertTrue(clipped.bounds().lipschitz().isKnown());
        assertTrue(clipped.rounding().isEmpty());
        // √2·√2: a clip at 3 never acts
        ProvableProblem idle = ProvableGraphs.of(softmax, records, OPTIONS.withClipping(Clipping.perRecord(3)));
        assertEquals(LossCurvature.CONVEX, idle.bounds().curvature());
        assertTrue(idle.objective() instanceof GraphObjective);
        ProvableProblem subjects = ProvableGraphs.of(
                softmax, records.ownedBy(1, 1, 2, 2, 3, 3), OPTIONS.withClipping(Clipping.perSubject(3)));
        assertEquals(Unit.OWNER, subjects.unit());
        assertTrue(!subjects.bounds().lipschitz().isKnown());
        assertEquals(3, subjects.bounds().gradientBound().value());
    }

    @Test
    void clipping_anything_enforces_g() {
        GraphObjective objective = GraphObjective.of(
                TestCase.DENSE.network(DataType.DOUBLE, 1), Records.of(TestCase.DENSE.data(DataType.DOUBLE, 4, 1)));
        double[] start = new Random(1).doubles(objective.dimension(), -9, 9).toArray();
        ProvableProblem problem =
                ProvableGraphs.of(objective.clipped(Clipping.perRecord(0.5)), start, OptionalDouble.of(2));
        assertEquals(0.5, problem.bounds().gradientBound().value());
        assertEquals(2, problem.balls().get(0).norm(problem.start()), 1e-14);
        double[] gradient = new double[start.length];
        problem.objective().valueAndGradient(problem.start(), gradient);
        assertTrue(new ParameterBall(problem.balls().get(0).ranges(), 1).norm(gradient) <= 0.5);
    }

    @Test
    void a_bound_that_comes_with_the_graph_needs_no_declared_radius() {
        for (var vertex : List.of(new NormClipVertex(1), new L2NormalizeVertex())) {
            ComputationGraph graph = Graphs.graph(Graphs.builder()
                    .graphBuilder()
                    .addInputs("in")
                    .addVertex("bound", vertex, "in")
                    .addLayer("out", Graphs.softmax(3, 3).build(), "bound"));
            Records large = Graphs.softmaxRecords(4, 3, 3, 1000);
            ProvableProblem problem = ProvableGraphs.of(graph, large, ProvableOptions.defaults());
            assertEquals(2, problem.bounds().gradientBound().value(), 1e-13);
            assertEquals(1, problem.bounds().lipschitz().value(), 1e-13);
            assertEquals(4, ((RoundingModel.Head) problem.rounding().orElseThrow()).inputs());
            assertEquals(3, ((RoundingModel.Head) problem.rounding().orElseThrow()).logits());
        }
    }
}
