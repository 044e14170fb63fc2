/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdapterReport.LayerReport;
import org.amend4j.lora.AdapterReport.Status;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A recurrent layer in the frozen prefix keeps and drops its state as in a graph that is trained as a whole. */
class PrefixStateTest {

    private static final DataType TYPE = DataType.DOUBLE;
    private static final long SEED = 7;
    private static final int BATCH = 4;
    private static final int TIME = 8;

    /** Values of order 1, sums of at most 16 terms, eight steps after one another: some hundred roundings of 1e-16. */
    private static final double ROUNDING = 1e-12;

    /** The layer in the prefix. */
    enum Kind {
        LSTM_LAYER(() -> new LSTM.Builder().nOut(5).activation(Activation.TANH).build()),
        GRAVES(() -> graves()),
        SIMPLE(() -> new SimpleRnn.Builder().nOut(5).activation(Activation.TANH).build());

        private final Supplier<Layer> layer;

        Kind(Supplier<Layer> layer) {
            this.layer = layer;
        }

        @SuppressWarnings("deprecation") // old models have it
        private static Layer graves() {
            return new GravesLSTM.Builder().nOut(5).activation(Activation.TANH).build();
        }
    }

    private static AdaptedModel attach(Kind kind) {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(TestNetworks.aboveARecurrentLayer(TYPE, SEED, kind.layer.get())),
                LoraConfig.of(2, 4).withTargets("mid", "out"),
                FineTuneConfiguration.builder()
                        .updater(new Sgd(0.5))
                        .backpropType(BackpropType.TruncatedBPTT)
                        .tbpttFwdLength(3)
                        .tbpttBackLength(3)
                        .build());
        INDArray parameters = model.graph().params();
        parameters.assign(TestNetworks.normal(TYPE, new Random(SEED), parameters.shape()));
        LayerReport below = model.report().layers().get(0);
        assertEquals("rnn", below.name());
        assertEquals(Status.PREFIX, below.status());
        return model;
    }

    private static INDArray sequence(long seed) {
        return TestNetworks.normal(TYPE, new Random(seed), BATCH, 3, TIME);
    }

    private static INDArray stepByStep(ComputationGraph graph, INDArray sequence) {
        INDArray result = Nd4j.create(TYPE, BATCH, 3, TIME);
        for (int t = 0; t < TIME; t++) {
            INDArray step = graph.rnnTimeStep(at(sequence, t).dup())[0];
            at(result, t).assign(step);
        }
        return result;
    }

    private static INDArray at(INDArray sequence, int t) {
        return sequence.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(t));
    }

    private static void assertClose(INDArray expected, INDArray actual) {
        double difference = expected.sub(actual).amaxNumber().doubleValue();
        assertTrue(difference < ROUNDING, "differ by " + difference);
    }

    @ParameterizedTest
    @EnumSource
    void time_steps_one_by_one_give_the_output_of_the_whole_sequence_and_clearing_starts_anew(Kind kind) {
        AdaptedModel model = attach(kind);
        ComputationGraph graph = model.graph();
        for (long seed = 1; seed <= 2; seed++) {
            INDArray sequence = sequence(seed);
            assertClose(graph.output(sequence)[0], stepByStep(graph, sequence));
            graph.rnnClearPreviousState();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_stored_state_put_back_continues_where_it_was_taken(Kind kind) {
        ComputationGraph graph = attach(kind).graph();
        graph.rnnTimeStep(at(sequence(1), 0).dup());
        Map<String, Map<String, INDArray>> state = graph.rnnGetPreviousStates();
        assertFalse(state.get("rnn").isEmpty());
        INDArray next = graph.rnnTimeStep(at(sequence(1), 1).dup())[0];
        graph.rnnClearPreviousState();
        assertTrue(graph.rnnGetPreviousState("rnn").isEmpty());
        graph.rnnSetPreviousStates(state);
        assertTrue(ArrayBytes.same(next, graph.rnnTimeStep(at(sequence(1), 1).dup())[0]));
    }

    @ParameterizedTest
    @EnumSource
    void truncated_back_propagation_trains_as_above_the_prefixs_output_on_the_whole_sequence(Kind kind) {
        AdaptedModel whole = attach(kind);
        AdaptedModel above = attach(kind);
        for (boolean masked : new boolean[] {false, true}) {
            for (long seed = 1; seed <= 2; seed++) {
                MultiDataSet data = data(seed, masked);
                // Without masks: what a masked step at the end holds counts for nothing above.
                INDArray features = above.base()
                        .network()
                        .feedForward(data.getFeatures(), false)
                        .get("rnn");
                above.tail()
                        .fit(
                                new INDArray[] {features},
                                data.getLabels(),
                                data.getFeaturesMaskArrays(),
                                data.getLabelsMaskArrays());
                whole.graph().fit(data);
            }
            assertEquals(above.tail().getIterationCount(), whole.graph().getIterationCount());
            assertClose(above.graph().params(), whole.graph().params());
        }
        assertFalse(ArrayBytes.same(attach(kind).graph().params(), whole.graph().params()));
        whole.base().verifyUnchanged();
    }

    private static MultiDataSet data(long seed, boolean masked) {
        MultiDataSet data =
                new MultiDataSet(sequence(seed), TestNetworks.oneHot(TYPE, new Random(seed), BATCH, 3, TIME));
        if (masked) {
            INDArray mask = Nd4j.ones(TYPE, BATCH, TIME);
            mask.putScalar(0, TIME - 1, 0);
            mask.putScalar(2, TIME - 1, 0);
            mask.putScalar(2, TIME - 2, 0);
            data.setFeaturesMaskArrays(new INDArray[] {mask});
            data.setLabelsMaskArray(new INDArray[] {mask.dup()});
        }
        return data;
    }

    @ParameterizedTest
    @EnumSource
    void clones_and_files_keep_state_too(Kind kind, @TempDir Path dir) throws Exception {
        AdaptedModel model = attach(kind);
        ComputationGraph graph = model.graph();
        File zip = dir.resolve("adapted.zip").toFile();
        ModelSerializer.writeModel(graph, zip, true);
        ComputationGraphConfiguration json =
                ComputationGraphConfiguration.fromJson(graph.getConfiguration().toJson());
        assertEquals(graph.getConfiguration().getVertices(), json.getVertices());
        List<Function<ComputationGraph, ComputationGraph>> copies = List.of(ComputationGraph::clone, g -> read(zip));
        INDArray output = graph.output(sequence(2))[0];
        for (Function<ComputationGraph, ComputationGraph> copy : copies) {
            ComputationGraph other = copy.apply(graph);
            stepByStep(other, sequence(1));
            other.rnnClearPreviousState();
            assertClose(output, stepByStep(other, sequence(2)));
            ComputationGraph twin = copy.apply(graph);
            ComputationGraph trained = attach(kind).graph();
            twin.fit(data(3, false));
            trained.fit(data(3, false));
            assertTrue(ArrayBytes.same(trained.params(), twin.params()));
        }
        model.base().verifyUnchanged();
    }

    @Test
    void a_last_time_step_vertex_above_sees_the_last_step_so_far() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(TYPE)
                .graphBuilder()
                .addInputs("in")
                .addLayer("rnn", Kind.LSTM_LAYER.layer.get(), "in")
                .addVertex("last", new LastTimeStepVertex("in"), "rnn")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "last")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3, RNNFormat.NCW))
                .build());
        network.init();
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network),
                LoraConfig.of(2, 4).withTargets("out"),
                FineTuneConfiguration.builder().updater(new Sgd(0.5)).build());
        assertEquals(List.of("last"), model.cut());
        ComputationGraph graph = model.graph();
        for (long seed = 1; seed <= 2; seed++) {
            INDArray sequence = sequence(seed);
            for (int t = 0; t < TIME; t++) {
                INDArray soFar = sequence.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(0, t + 1))
                        .dup();
                INDArray step = at(sequence, t).dup().reshape(BATCH, 3, 1);
                assertClose(graph.output(soFar)[0], graph.rnnTimeStep(step)[0]);
            }
            graph.rnnClearPreviousState();
        }
    }

    private static ComputationGraph read(File zip) {
        try {
            return ModelSerializer.restoreComputationGraph(zip, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
