/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.recording;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.model.Networks;
import org.amend4j.recording.RecordedRecipe.Start;
import org.amend4j.testkit.LongTexts;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.Replay;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.StepListener;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** What a real {@code fit} did is replayed to the bit, or refused in one sentence. */
class FitRecorderTest {

    private static final int ROWS = 60;

    @TempDir
    private Path temp;

    private static DataSet data(int outputs, DataType type) {
        Random random = new Random(5);
        double[][] x = new double[ROWS][4];
        double[][] y = new double[ROWS][outputs];
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < 4; column++) {
                x[row][column] = random.nextGaussian();
            }
            if (outputs == 1) {
                y[row][0] = random.nextInt(2);
            } else {
                y[row][random.nextInt(outputs)] = 1;
            }
        }
        return new DataSet(
                Nd4j.createFromArray(x).castTo(type), Nd4j.createFromArray(y).castTo(type));
    }

    private static NeuralNetConfiguration.Builder builder(IUpdater updater) {
        return new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(DataType.DOUBLE)
                .updater(updater);
    }

    private static OutputLayer softmax(int inputs) {
        return new OutputLayer.Builder()
                .nIn(inputs)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static DenseLayer dense(int inputs, Activation activation) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(5)
                .activation(activation)
                .build();
    }

    private static MultiLayerNetwork network(String kind) {
        NeuralNetConfiguration.ListBuilder layers = switch (kind) {
            case "head" -> builder(new Sgd(0.4)).list().layer(softmax(4));
            case "logistic" ->
                builder(new Sgd(0.4))
                        .list()
                        .layer(new OutputLayer.Builder(new LossBinaryXENT(0.0))
                                .nIn(4)
                                .nOut(1)
                                .activation(Activation.SIGMOID)
                                .build());
            case "decayed" ->
                builder(new Sgd(0.4))
                        .l2(0.02)
                        .l2Bias(0.02)
                        .list()
                        .layer(dense(4, Activation.TANH))
                        .layer(softmax(5));
            case "scheduled" ->
                builder(new Sgd(new ExponentialSchedule(ScheduleType.ITERATION, 0.4, 0.9)))
                        .list()
                        .layer(dense(4, Activation.RELU))
                        .layer(softmax(5));
            default -> throw new IllegalArgumentException(kind);
        };
        MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
        network.init();
        return network;
    }

    /** Replays a recording from its start to its end, past its checkpoints. */
    private static List<Replay.Comparison> replay(Path file, DataSet data, double[] last) throws IOException {
        RecordedRecipe recipe = RecipeFile.read(file);
        ComputationGraph start = Networks.read(((Start.File) recipe.start()).file());
        GraphObjective objective = GraphObjective.asFitted(PlainSgd.withoutPenalties(start), Records.of(data))
                .withWeightDecay(recipe.weightDecay())
                .withNormaliser(recipe.divisor(ROWS));
        RewindToDelete run = new RewindToDelete(objective, recipe.recipe(List.of(), CheckpointSchedule.lastOnly()));
        TreeMap<Integer, double[]> known = new TreeMap<>();
        known.put(0, objective.parameters());
        for (var checkpoint : recipe.checkpoints().entrySet()) {
            known.put(checkpoint.getKey(), ParameterVectors.of(Networks.read(checkpoint.getValue())));
        }
        known.put(recipe.steps(), last);
        return List.copyOf(new Replay(run)
                .compare(known, new MemoryVault(last.length), StepListener.NONE)
                .values());
    }

    @ParameterizedTest
    @ValueSource(strings = {"head", "logistic", "decayed", "scheduled"})
    void fullBatchesAreReplayedToTheBit(String kind) throws IOException {
        DataSet data = data(kind.equals("logistic") ? 1 : 3, DataType.DOUBLE);
        MultiLayerNetwork network = network(kind);
        FitRecorder recorder = FitRecorder.of(data, temp.resolve("recorded"), CheckpointSchedule.every(4));
        network.setListeners(recorder);
        for (int step = 0; step < 10; step++) {
            network.fit(data);
        }
        Path file = recorder.finish();
        List<Replay.Comparison> compared = replay(file, data, ParameterVectors.of(network.params()));
        assertEquals(
                List.of(4, 8, 10),
                compared.stream().map(Replay.Comparison::step).toList());
        assertTrue(compared.stream().allMatch(Replay.Comparison::same), compared.toString());
        assertArrayEquals(
                ParameterVectors.of(network.params()),
                ParameterVectors.of(Networks.read(temp.resolve("recorded").resolve(FitRecorder.MODEL))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"head", "logistic", "decayed", "scheduled"})
    void shuffledBatchesOfAGraphAreReplayedToTheBit(String kind) throws IOException {
        DataSet data = data(kind.equals("logistic") ? 1 : 3, DataType.DOUBLE);
        ComputationGraph network = network(kind).toComputationGraph();
        FitRecorder recorder = FitRecorder.of(data, temp.resolve("recorded"), CheckpointSchedule.every(3));
        network.setListeners(recorder);
        network.fit(recorder.batches(13, 99), 3);
        assertEquals(3 * (ROWS / 13), recorder.steps());
        RecordedRecipe recipe = RecipeFile.read(recorder.finish());
        assertEquals(13, recipe.batches().orElseThrow().size());
        List<Replay.Comparison> compared =
                replay(temp.resolve("recorded/recipe.json"), data, ParameterVectors.of(network));
        assertEquals(
                List.of(3, 6, 9, 12),
                compared.stream().map(Replay.Comparison::step).toList());
        assertTrue(compared.stream().allMatch(Replay.Comparison::same), compared.toString());
    }

    @Test
    void rowsOfAnotherIteratorAreKnownByTheirNumbers() throws IOException {
        DataSet data = data(3, DataType.DOUBLE);
        MultiLayerNetwork network = network("head");
        FitRecorder recorder = FitRecorder.of(data, temp.resolve("recorded"), CheckpointSchedule.lastOnly());
        network.setListeners(recorder);
        for (int from = 0; from < ROWS; from += 20) {
            network.fit((DataSet) data.getRange(from, from + 20));
        }
        RecordedRecipe recipe = RecipeFile.read(recorder.finish());
        for (int step = 0; step < 3; step++) {
            assertEquals(
                    20L * step,
                    recipe.batches().orElseThrow().batches().get(step).get(0));
        }
        assertTrue(replay(temp.resolve("recorded/recipe.json"), data, ParameterVectors.of(network.params()))
                .get(0)
                .same());
    }

    @Test
    void aRefusalIsShortHoweverLongTheTextsOfTheFile() throws IOException {
        Path file = temp.resolve("recipe.json");
        LongTexts.everywhere(
                "{\"format\":\"amend4j recipe\",\"version\":1,\"steps\":1,\"stepSizes\":[0.1],"
                        + "\"batches\":{\"kind\":\"listed\",\"batches\":[[1]]},\"start\":{\"file\":\"x\"},\"checkpoints\":[]}",
                text -> RecipeFile.read(Files.writeString(file, text)));
    }

    @Test
    void aRecipeThatIsNotUtf8IsRefused() throws IOException {
        byte[] recipe = "{\"format\": \"amend4j recipe?\"}".getBytes(StandardCharsets.US_ASCII);
        recipe[new String(recipe, StandardCharsets.US_ASCII).indexOf('?')] = (byte) 0xff;
        Path file = Files.write(temp.resolve("recipe.json"), recipe);
        String sentence =
                assertThrows(IOException.class, () -> RecipeFile.read(file)).getMessage();
        assertTrue(sentence.contains("it is not UTF-8"), sentence);
    }

    @Test
    void aChangedPointOrStepSizeIsSeenAndMeasured() throws IOException {
        DataSet data = data(3, DataType.DOUBLE);
        MultiLayerNetwork network = network("head");
        FitRecorder recorder = FitRecorder.of(data, temp.resolve("recorded"), CheckpointSchedule.every(5));
        network.setListeners(recorder);
        for (int step = 0; step < 10; step++) {
            network.fit(data);
        }
        Path file = recorder.finish();
        double[] last = ParameterVectors.of(network.params());
        double[] changed = last.clone();
        changed[0] = Math.nextUp(changed[0]);
        List<Replay.Comparison> compared = replay(file, data, changed);
        assertTrue(compared.get(0).same());
        assertFalse(compared.get(1).same());
        assertTrue(compared.get(1).distance() >= Math.ulp(last[0]));
        Files.writeString(file, Files.readString(file).replace("\"stepSizes\":0.4", "\"stepSizes\":0.2"));
        List<Replay.Comparison> halved = replay(file, data, last);
        assertFalse(halved.get(0).same());
        // the trajectory is curved: two steps are not one of twice the size
        assertEquals(2, halved.get(0).ratio(), 0.2);
    }

    private String refusal(MultiLayerNetwork network, DataSet data) throws IOException {
        network.init();
        FitRecorder recorder = FitRecorder.of(data, temp.resolve("refused"), CheckpointSchedule.lastOnly());
        network.setListeners(recorder);
        String sentence = String.valueOf(assertThrows(IllegalStateException.class, () -> network.fit(data))
                .getMessage());
        assertFalse(sentence.contains("\n"), sentence);
        assertFalse(Files.exists(temp.resolve("refused/recipe.json")));
        Files.deleteIfExists(temp.resolve("refused/step-0.zip"));
        Files.delete(temp.resolve("refused"));
        return sentence;
    }

    @Test
    void whatCannotBeReplayedIsRefusedAtItsFirstStepInOneSentence() throws IOException {
        DataSet data = data(3, DataType.DOUBLE);
        assertRefused(builder(new Adam(0.1)).list().layer(softmax(4)), data, "Adam");
        assertRefused(builder(new Nesterovs(0.1)).list().layer(softmax(4)), data, "Nesterovs");
        assertRefused(
                builder(new Sgd(0.1)).dataType(DataType.FLOAT).list().layer(softmax(4)),
                data(3, DataType.FLOAT),
                "FLOAT");
        assertRefused(
                builder(new Sgd(0.1))
                        .dropOut(0.5)
                        .list()
                        .layer(dense(4, Activation.TANH))
                        .layer(softmax(5)),
                data,
                "dropout");
        assertRefused(builder(new Sgd(0.1)).l2(0.1).list().layer(softmax(4)), data, "l2Bias");
        assertRefused(builder(new Sgd(0.1)).l1(0.1).list().layer(softmax(4)), data, "no penalties");
        assertRefused(
                builder(new Sgd(0.1))
                        .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                        .gradientNormalizationThreshold(1)
                        .list()
                        .layer(softmax(4)),
                data,
                "ClipL2PerLayer");
        assertRefused(
                builder(new Sgd(0.1))
                        .constrainWeights(new MaxNormConstraint(1, 1))
                        .list()
                        .layer(softmax(4)),
                data,
                "constraints");
        assertRefused(
                builder(new Sgd(0.1))
                        .list()
                        .layer(dense(4, Activation.TANH))
                        .layer(new BatchNormalization.Builder().nIn(5).nOut(5).build())
                        .layer(softmax(5)),
                data,
                "batch");
        assertRefused(builder(new Sgd(0.1)).miniBatch(false).list().layer(softmax(4)), data, "miniBatch");
    }

    private void assertRefused(NeuralNetConfiguration.ListBuilder layers, DataSet data, String word)
            throws IOException {
        String sentence = refusal(new MultiLayerNetwork(layers.build()), data);
        assertTrue(sentence.contains(word), sentence);
    }

    @Test
    void rowsThatNobodyCanTellApartAndShortBatchesAreRefused() throws IOException {
        DataSet data = data(3, DataType.DOUBLE);
        data.getFeatures().putRow(1, data.getFeatures().getRow(0));
        data.getLabels().putRow(1, data.getLabels().getRow(0));
        MultiLayerNetwork network = network("head");
        FitRecorder recorder = FitRecorder.of(data, temp.resolve("recorded"), CheckpointSchedule.lastOnly());
        network.setListeners(recorder);
        network.fit(data);
        IllegalStateException same =
                assertThrows(IllegalStateException.class, () -> network.fit((DataSet) data.getRange(1, 20)));
        assertTrue(String.valueOf(same.getMessage()).contains("rows [0, 1]"), same.getMessage());
        IllegalStateException shorter =
                assertThrows(IllegalStateException.class, () -> network.fit((DataSet) data.getRange(20, 30)));
        assertTrue(String.valueOf(shorter.getMessage()).contains("of one size"), shorter.getMessage());
        DataSet stranger = new DataSet(data.getFeatures().add(1), data.getLabels());
        IllegalStateException unknown = assertThrows(IllegalStateException.class, () -> network.fit(stranger));
        assertTrue(String.valueOf(unknown.getMessage()).contains("not in the recorded table"), unknown.getMessage());
        DataSetIterator batches = recorder.batches(7, 1);
        assertFalse(batches.asyncSupported());
        assertThrows(
                IOException.class, () -> FitRecorder.of(data, temp.resolve("recorded"), CheckpointSchedule.lastOnly()));
    }
}
