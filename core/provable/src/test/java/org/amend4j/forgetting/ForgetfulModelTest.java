/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.forgetting;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.amend4j.graph.BlockPlace;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.provable.GradientBlocks;
import org.amend4j.service.RequestOutcome;
import org.amend4j.testkit.PlacedBlocks;
import org.amend4j.unlearn.Cost;
import org.amend4j.unlearn.UnlearningMethod;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The guide's ten lines, and what they promise. */
class ForgetfulModelTest {

    private static final int RECORDS = 400;
    private static final int FEATURES = 6;
    private static final ForgetfulSettings SETTINGS = ForgetfulSettings.of(16_384, 40, 1.5);

    @TempDir
    Path temp;

    private static NeuralNetConfiguration.Builder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1));
    }

    private static OutputLayer output(int inputs) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(inputs)
                .nOut(2)
                .activation(Activation.SOFTMAX)
                .hasBias(false)
                .build();
    }

    private static ComputationGraph head() {
        ComputationGraph graph = new ComputationGraph(builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("out", output(FEATURES), "in")
                .setOutputs("out")
                .build());
        graph.init();
        graph.params().assign(0);
        return graph;
    }

    /** Twenty people of twenty records each; the subject of record r is r modulo 20. */
    private static Records records() {
        Random random = new Random(20261128);
        INDArray features = Nd4j.zeros(DataType.DOUBLE, RECORDS, FEATURES);
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, RECORDS, 2);
        for (int r = 0; r < RECORDS; r++) {
            for (int k = 0; k < FEATURES; k++) {
                features.putScalar(r, k, (random.nextDouble() - 0.5) / FEATURES);
            }
            labels.putScalar(r, random.nextInt(2), 1);
        }
        return Records.of(new DataSet(features, labels));
    }

    private static long[] subjects() {
        return LongStream.range(0, RECORDS).map(r -> r % 20).toArray();
    }

    private ForgetfulModel open(ComputationGraph network) throws IOException {
        return ForgetfulModel.open(
                temp.resolve("model"), temp.resolve("keys"), network, records(), subjects(), SETTINGS);
    }

    @Test
    void aSubjectIsForgottenWithACertificateAndTheGivenNetworkStaysAsItIs() throws Exception {
        ComputationGraph network = head();
        double[] before = ParameterVectors.of(network);
        try (ForgetfulModel model = open(network)) {
            model.train();
            model.request("4");
            RequestOutcome outcome = model.forget();
            assertInstanceOf(RequestOutcome.Released.class, outcome, outcome.toString());
            assertTrue(Files.isRegularFile(model.release().resolve("certificate.json")));
            assertTrue(Files.isRegularFile(model.release().resolve("model.zip")));
            assertTrue(model.service().wasForgotten("4"));
        }
        assertArrayEquals(before, ParameterVectors.of(network), 0);
    }

    @Test
    void aRequestForWhichNothingIsChosenIsRefusedAndTheModelStaysAsItIs() throws Exception {
        try (ForgetfulModel model = open(head())) {
            model.train();
            model.request("4");
            RequestOutcome outcome = model.forget(plan -> plan.cheapestRewind(1e-9));
            RequestOutcome.Refused refused =
                    assertInstanceOf(RequestOutcome.Refused.class, outcome, outcome.toString());
            assertEquals("4", refused.refused().get(0).name());
            assertFalse(refused.refused().toString().contains("name"), refused.toString());
            assertEquals(0, model.service().latestRelease());
            assertFalse(model.service().wasForgotten("4"));
        }
    }

    /**
     * Records of an owner may pull against each other: together they are clipped one way, and without the stronger one the other way,
     * which is twice as far apart as the bound of one removal says.
     */
    @Test
    void whoMayAskForAPartOfAnOwnersRecordsIsRefusedWhereOwnersAreClipped() throws Exception {
        ForgetfulSettings clipped = SETTINGS.withOptions(SETTINGS.options().withClipping(Clipping.perSubject(0.1)))
                .withPolicy(SETTINGS.policy().acceptingAssumptions());
        long[] pairs = LongStream.range(0, RECORDS).map(r -> r % 40).toArray();
        Records ofTwenty = records().ownedBy(subjects());
        String sentence = assertThrows(
                        IllegalArgumentException.class,
                        () -> ForgetfulModel.open(
                                temp.resolve("model"), temp.resolve("keys"), head(), ofTwenty, pairs, clipped))
                .getMessage();
        assertTrue(sentence.startsWith("subject '0' has only 10 of the 20 records of owner 0"), sentence);
        assertFalse(Files.exists(temp.resolve("keys")) || Files.exists(temp.resolve("model")));
        // owners alone, and several owners together, are whole; clipped by record, anybody may ask
        long[] groups = LongStream.range(0, RECORDS).map(r -> r % 10).toArray();
        for (long[] whole : List.of(subjects(), groups)) {
            Path folder = temp.resolve("whole" + whole[15]);
            ForgetfulModel.open(folder, temp.resolve("k" + whole[15]), head(), ofTwenty, whole, clipped)
                    .close();
        }
        ForgetfulSettings byRecord = SETTINGS.withOptions(SETTINGS.options().withClipping(Clipping.perRecord(0.1)));
        ForgetfulModel.open(temp.resolve("model"), temp.resolve("keys"), head(), ofTwenty, pairs, byRecord)
                .close();
    }

    /** Its noise would hide other records than those that are forgotten, and the certificate would say it hides these. */
    @Test
    void aMethodOfAnotherPlanIsRefusedAndTheRequestStays() throws Exception {
        try (ForgetfulModel model = open(head())) {
            model.train();
            model.request("4");
            UnlearningMethod other = new UnlearningMethod.ExactRewind(1, new Cost(1, 1, 1));
            IllegalArgumentException refusal =
                    assertThrows(IllegalArgumentException.class, () -> model.forget(plan -> Optional.of(other)));
            assertEquals(
                    "a method must be one of the plan that it is chosen from, got 'exact rewind' of another plan: take it"
                            + " from the plan that the choice is given",
                    refusal.getMessage());
            assertEquals(0, model.service().latestRelease());
            assertInstanceOf(RequestOutcome.Released.class, model.forget());
        }
    }

    @Test
    void certificatesAreSignedWithTheKeyThatItTells() throws Exception {
        try (ForgetfulModel model = open(head())) {
            model.train();
            model.request("4");
            assertInstanceOf(RequestOutcome.Released.class, model.forget());
            String certificate = Files.readString(model.release().resolve("certificate.json"));
            assertTrue(certificate.contains("\"publicKey\":\"" + model.publicKey() + "\""), certificate);
        }
    }

    @Test
    void requestsAndTrainingSurviveClosing() throws Exception {
        try (ForgetfulModel model = open(head())) {
            model.train();
            model.request("1", "2");
        }
        try (ForgetfulModel model = open(head())) {
            model.train();
            assertEquals(2, model.service().pending().size());
            assertInstanceOf(RequestOutcome.Released.class, model.forget());
            assertInstanceOf(RequestOutcome.NothingPending.class, model.forget());
        }
    }

    @Test
    void anAdapterForgetsAndTheBaseHasItsBytes() throws Exception {
        BaseModel base = BaseModel.of(head());
        AdaptedModel adapted = AdaptedModel.attach(
                base,
                LoraConfig.of(1, 1).withTargets(Targets.names("out")),
                new FineTuneConfiguration.Builder().updater(new Sgd(1)).build());
        try (ForgetfulModel model = ForgetfulModel.open(
                temp.resolve("model"), temp.resolve("keys"), adapted, records(), subjects(), SETTINGS)) {
            model.train();
            model.request("7");
            RequestOutcome outcome = model.forget();
            assertInstanceOf(RequestOutcome.Released.class, outcome, outcome.toString());
            assertTrue(Files.isRegularFile(model.release().resolve("adapter_model.safetensors")));
        }
        base.verifyUnchanged();
    }

    @Test
    void keysInsideOfTheFolderAndUnknownPeopleAreRefused() throws Exception {
        assertTrue(assertThrows(
                        IllegalArgumentException.class,
                        () -> ForgetfulModel.open(
                                temp.resolve("model"),
                                temp.resolve("model/keys"),
                                head(),
                                records(),
                                subjects(),
                                SETTINGS))
                .getMessage()
                .startsWith("keys must not be inside of"));
        try (ForgetfulModel model = open(head())) {
            model.train();
            assertThrows(IllegalArgumentException.class, () -> model.request("4", "no such person"));
            assertTrue(model.service().pending().isEmpty());
        }
    }

    @Test
    void aStepThatIsTooLongIsRefusedBeforeAnythingIsWritten() {
        ForgetfulSettings tooLong = ForgetfulSettings.of(16_384, 40, 1000);
        assertThrows(
                IllegalArgumentException.class,
                () -> ForgetfulModel.open(
                        temp.resolve("model"), temp.resolve("keys"), head(), records(), subjects(), tooLong));
        assertTrue(Files.notExists(temp.resolve("model")));
        assertTrue(Files.notExists(temp.resolve("keys")));
    }

    @Test
    void theFolderOfAnotherModelIsRefused() throws Exception {
        try (ForgetfulModel model = open(head())) {
            model.train();
        }
        ForgetfulSettings others = SETTINGS.withWeightDecay(0.02);
        assertThrows(
                IOException.class,
                () -> ForgetfulModel.open(
                        temp.resolve("model"), temp.resolve("keys"), head(), records(), subjects(), others));
        try (ForgetfulModel model = open(head())) {
            assertTrue(model.service().isTrained());
        }
    }

    /** Blocks of twenty rows, each with one of every subject; seven groups of them, which other processes could compute. */
    @Test
    void aModelInBlocksGoesOnAtAnyPlaceAndInNoOtherBlocks() throws Exception {
        BlockPlace elsewhere =
                (graph, settings, records) -> PlacedBlocks.of(BlockPlace.HERE.sums(graph, settings, records), 7, 1);
        ForgetfulSettings here = SETTINGS.withBlocks(GradientBlocks.here(new BlockRule.Ranges(20), 20));
        ForgetfulSettings there = SETTINGS.withBlocks(new GradientBlocks(new BlockRule.Ranges(20), 20, elsewhere));
        ForgetfulSettings others = SETTINGS.withBlocks(GradientBlocks.here(new BlockRule.Ranges(25), 20));
        try (ForgetfulModel model = open(here)) {
            model.train();
        }
        assertThrows(IOException.class, () -> open(others));
        assertThrows(IOException.class, () -> open(SETTINGS));
        try (ForgetfulModel model = open(there)) {
            assertTrue(model.service().isTrained());
            model.request("4");
            RequestOutcome outcome = model.forget();
            assertInstanceOf(RequestOutcome.Released.class, outcome, outcome.toString());
        }
    }

    private ForgetfulModel open(ForgetfulSettings settings) throws IOException {
        return ForgetfulModel.open(
                temp.resolve("model"), temp.resolve("keys"), head(), records(), subjects(), settings);
    }
}
