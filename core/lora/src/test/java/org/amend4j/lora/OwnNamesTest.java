/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Layers in a row are called by the names that they were given, and by their numbers, which files have. */
class OwnNamesTest {

    private static final FineTuneConfiguration TRAINING =
            new FineTuneConfiguration.Builder().updater(new Sgd(0.5)).build();

    @TempDir
    private Path folder;

    private static MultiLayerNetwork network(long seed, String... names) {
        NeuralNetConfiguration.ListBuilder layers =
                new NeuralNetConfiguration.Builder().seed(seed).list();
        for (String name : names) {
            DenseLayer.Builder dense = new DenseLayer.Builder().nIn(4).nOut(4).activation(Activation.TANH);
            layers.layer(name.isEmpty() ? dense.build() : dense.name(name).build());
        }
        MultiLayerNetwork network = new MultiLayerNetwork(layers.layer(new OutputLayer.Builder()
                        .name("output")
                        .nIn(4)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        return network;
    }

    private BaseModel opened(long seed, String... names) throws IOException {
        Path zip = folder.resolve("model-" + seed + ".zip");
        ModelSerializer.writeModel(network(seed, names), zip.toFile(), false);
        return BaseModel.open(zip);
    }

    private static List<String> adapted(ResolvedLoraConfig fit) {
        return fit.adapters().stream().map(AdapterSpec::target).toList();
    }

    @Test
    void aLayerIsFoundByItsNameAndByItsNumberInEverySetting() throws IOException {
        BaseModel base = opened(1, "encoder", "hidden");
        LoraConfig plain = LoraConfig.of(2, 4);
        for (String name : List.of("hidden", "1")) {
            assertEquals(List.of("1"), adapted(ResolvedLoraConfig.of(base, plain.withTargets(name))));
            assertEquals(List.of("0"), adapted(ResolvedLoraConfig.of(base, plain.withExclusions(name))));
            assertEquals(
                    List.of("1"),
                    ResolvedLoraConfig.of(base, plain.withTrainedInFull(name)).trainedInFull());
            assertEquals(
                    3,
                    ResolvedLoraConfig.of(base, plain.withTargets("1").withRankPattern(name, 3))
                            .adapters()
                            .get(0)
                            .rank());
        }
        assertEquals(
                List.of("0", "1"),
                adapted(ResolvedLoraConfig.of(base, plain.withTargets(Targets.regex("(en|hid).*")))));
        assertEquals(List.of("2"), adapted(ResolvedLoraConfig.of(base, plain.withTargets("output"))));
        assertTrue(ResolvedLoraConfig.of(base, plain.withTargets("output"))
                .notes()
                .toString()
                .contains("2 (output)"));
    }

    @Test
    void aNameThatIsUnknownGetsASentenceWithBoth() throws IOException {
        BaseModel base = opened(2, "encoder", "hidden");
        String sentence = assertThrows(
                        IllegalArgumentException.class,
                        () -> ResolvedLoraConfig.of(
                                base, LoraConfig.of(2, 4).withTargets("decoder"), Set.of(), SettingNames.METHODS))
                .getMessage();
        assertTrue(sentence.contains("decoder"), sentence);
        assertTrue(sentence.contains("'encoder' is 0, 'hidden' is 1, 'output' is 2"), sentence);
    }

    @Test
    void namesThatAreTakenTwiceOrAreANumberCallNothing() {
        assertEquals(
                Map.of("output", "3"),
                BaseModel.of(network(3, "same", "same", "0")).names());
        assertEquals(
                Map.of("output", "4"),
                BaseModel.of(network(4, "same", "same", "same", "in")).names());
        assertEquals("0", BaseModel.of(network(5, "")).shown("0"), "Deeplearning4j's own default says nothing");
    }

    private static INDArray numbers(long seed, long count) {
        return Nd4j.createFromArray(new Random(seed).doubles(count).toArray()).castTo(DataType.FLOAT);
    }

    @Test
    void filesHaveNumbersSoAdaptersOfEarlierVersionsLoad() throws IOException {
        BaseModel base = opened(6, "encoder", "hidden");
        AdaptedModel named = AdaptedModel.attach(base, LoraConfig.of(2, 4).withTargets("hidden"), TRAINING);
        INDArray features = numbers(1, 20).reshape(5, 4);
        named.graph().params().assign(numbers(2, named.graph().numParams()));
        named.save(folder.resolve("named"));
        AdaptedModel again = AdaptedModel.load(base, folder.resolve("named"), TRAINING);
        assertEquals(
                List.of("1"), again.adapters().stream().map(AdapterSpec::target).toList());
        assertArrayEquals(
                named.graph().outputSingle(features).dup('c').data().asFloat(),
                again.graph().outputSingle(features).dup('c').data().asFloat());
    }
}
