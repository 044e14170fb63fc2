/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.model.BaseModel;
import org.amend4j.safetensors.SafetensorsFile;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Trained tokens as PEFT itself saved and computed them (see the README beside its files). */
class PeftTokensTest {

    /** Of sums of at most nine products of order 1 in float. */
    private static final double ROUNDING = 2e-6;

    private static final String REFERENCE = "reference.safetensors";

    private static final INDArray WORDS =
            Nd4j.createFromArray(8f, 1f, 4f, 2f, 8f, 0f, 5f).reshape(7, 1);

    @TempDir
    private Path folder;

    @BeforeEach
    void copy() throws IOException {
        for (String name : List.of(AdapterFile.TENSORS, AdapterFile.CONFIG, REFERENCE)) {
            try (InputStream made =
                    Objects.requireNonNull(PeftTokensTest.class.getResourceAsStream("peft-tokens/" + name), name)) {
                Files.copy(made, folder.resolve(name));
            }
        }
    }

    private INDArray reference(String key, long... shape) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(REFERENCE))) {
            return Nd4j.createFromArray(file.readFloats(key)).reshape('c', shape);
        }
    }

    private BaseModel base() throws IOException {
        ComputationGraph network = TrainedTokensLawsTest.words(
                DataType.FLOAT,
                new DenseLayer.Builder()
                        .nIn(5)
                        .nOut(3)
                        .activation(Activation.IDENTITY)
                        .build());
        network.getParam("words_b").assign(0); // PyTorch's embeddings have none
        network.getParam("words_W").assign(reference("words.weight", 9, 4));
        network.getParam("dense_W").assign(reference("dense.weight", 5, 4).transpose());
        network.getParam("dense_b").assign(reference("dense.bias", 1, 5));
        network.getParam("out_W").assign(reference("out.weight", 3, 5).transpose());
        network.getParam("out_b").assign(reference("out.bias", 1, 3));
        return BaseModel.of(network);
    }

    private static FineTuneConfiguration training() {
        return FineTuneConfiguration.builder().updater(new Sgd(0.1)).build();
    }

    private static void assertClose(INDArray expected, INDArray actual) {
        double scale = Math.max(1, expected.amaxNumber().doubleValue());
        assertTrue(expected.sub(actual).amaxNumber().doubleValue() < ROUNDING * scale, expected + " " + actual);
    }

    @Test
    void an_adapter_of_peft_computes_and_trains_here_as_there() throws IOException {
        BaseModel base = base();
        AdaptedModel model = AdaptedModel.load(base, folder, ModuleMap.bySameNames(), training());
        ComputationGraph graph = model.graph();
        assertClose(reference("output.base", 7, 3), base.network().output(WORDS)[0]);
        assertClose(reference("output.adapted", 7, 3), graph.output(WORDS)[0]);
        assertClose(reference("output.adapted", 7, 3), model.merge().network().output(WORDS)[0]);
        graph.feedForward(new INDArray[] {WORDS}, true, false);
        INDArray errors = Nd4j.arange(21).castTo(DataType.FLOAT).reshape('c', new long[] {7, 3});
        assertClose(
                reference("gradient.tokens", 3, 4),
                graph.backpropGradient(errors).getGradientFor("words_tokens"));
        try (AdapterScope off = model.disable()) {
            assertTrue(ArrayBytes.same(base.network().output(WORDS)[0], graph.output(WORDS)[0]));
        }
    }

    @Test
    void it_is_written_again_byte_for_byte() throws IOException {
        Path again = folder.resolve("again");
        AdapterFile.export(again, AdapterFile.read(folder, ModuleMap.bySameNames(), List.of("words", "dense", "out")));
        for (String name : List.of(AdapterFile.TENSORS, AdapterFile.CONFIG)) {
            assertArrayEquals(Files.readAllBytes(folder.resolve(name)), Files.readAllBytes(again.resolve(name)), name);
        }
    }
}
