/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestCase;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** A saved adapter comes back whole on its own base, and only there. */
class SavedAdapterLawsTest {

    private static final long SEED = 7;

    @TempDir
    Path directory;

    private static FineTuneConfiguration training(long seed) {
        return FineTuneConfiguration.builder().updater(new Sgd(0.1)).seed(seed).build();
    }

    private static AdaptedModel trained(TestCase test, DataType type) {
        String head = test == TestCase.BRANCHING ? "out_b" : "out";
        String[] targets =
                Stream.of(test.targets()).filter(name -> !name.equals(head)).toArray(String[]::new);
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(test.network(type, SEED)),
                LoraConfig.of(2, 3).withTargets(targets).withTrainedInFull(head),
                training(SEED));
        for (int i = 0; i < 3; i++) {
            model.graph().fit(test.data(type, 6, i));
        }
        return model;
    }

    @Tag("kernels")
    @ParameterizedTest
    @EnumSource
    @OneIn(2)
    void saving_and_loading_gives_the_same_bytes_and_training_goes_on_identically(TestCase test) throws IOException {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            AdaptedModel model = trained(test, type);
            model.save(directory);
            AdaptedModel loaded = AdaptedModel.load(model.base(), directory, training(SEED + 1));
            assertTrue(ArrayBytes.same(model.graph().params(), loaded.graph().params()));
            assertEquals(model.config(), loaded.config());
            assertEquals(model.adapters(), loaded.adapters());
            assertEquals(model.trainedInFull(), loaded.trainedInFull());
            model.graph().fit(test.data(type, 6, 99));
            loaded.graph().fit(test.data(type, 6, 99));
            assertTrue(ArrayBytes.same(model.graph().params(), loaded.graph().params()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void loading_draws_no_random_numbers(TestCase test) throws IOException {
        AdaptedModel model = trained(test, DataType.FLOAT);
        model.save(directory);
        FineTuneConfiguration training = training(SEED);
        Nd4j.getRandom().setSeed(SEED);
        double undisturbed = Nd4j.getRandom().nextDouble();
        Nd4j.getRandom().setSeed(SEED);
        AdaptedModel.load(model.base(), directory, training);
        assertEquals(undisturbed, Nd4j.getRandom().nextDouble());
    }

    @ParameterizedTest
    @EnumSource
    void only_the_documented_files_are_written_and_equal_adapters_give_equal_bytes(TestCase test) throws IOException {
        AdaptedModel model = trained(test, DataType.FLOAT);
        model.save(directory.resolve("a"));
        AdaptedModel.load(model.base(), directory.resolve("a"), training(1)).save(directory.resolve("b"));
        try (Stream<Path> files = Files.list(directory.resolve("a"))) {
            assertEquals(2, files.count());
        }
        for (String name : new String[] {AdapterFile.TENSORS, AdapterFile.CONFIG}) {
            assertArrayEquals(
                    Files.readAllBytes(directory.resolve("a").resolve(name)),
                    Files.readAllBytes(directory.resolve("b").resolve(name)));
        }
    }

    @Test
    void an_adapter_of_another_base_is_refused_with_both_fingerprints_and_the_layer() throws IOException {
        AdaptedModel model = trained(TestCase.DENSE, DataType.FLOAT);
        model.save(directory);
        ComputationGraph other = TestCase.DENSE.network(DataType.FLOAT, SEED);
        other.getLayer("dense_1").getParam("W").putScalar(0, 0, 0.123f);
        BaseModel otherBase = BaseModel.of(other);
        INDArray before = other.params().dup();
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> AdaptedModel.load(otherBase, directory, training(1)));
        assertTrue(refused.getMessage().contains(model.base().fingerprint().hex()), refused.getMessage());
        assertTrue(refused.getMessage().contains(otherBase.fingerprint().hex()), refused.getMessage());
        assertTrue(refused.getMessage().contains("layer 'dense_1'"), refused.getMessage());
        assertTrue(ArrayBytes.same(before, other.params()));
    }

    /** As PEFT's adapters: whoever takes the fingerprint away says that the base is the right one. */
    @Test
    void without_a_fingerprint_it_loads_on_any_base_with_such_layers() {
        AdaptedModel model = trained(TestCase.DENSE, DataType.FLOAT);
        AdapterContent own = model.content();
        AdapterContent anybody = new AdapterContent(own.config(), "", Map.of(), own.factors(), own.fullLayers());
        BaseModel other = BaseModel.of(TestCase.DENSE.network(DataType.FLOAT, SEED + 1));
        AdaptedModel loaded = AdaptedModel.load(other, anybody, training(1));
        assertTrue(ArrayBytes.same(model.graph().params(), loaded.graph().params()));
    }

    @Test
    void an_export_for_peft_refuses_the_layers_peft_computes_otherwise() throws IOException {
        AdaptedModel.attach(
                        BaseModel.of(TestCase.DENSE.network(DataType.FLOAT, SEED)),
                        LoraConfig.of(2, 3).withTargets("dense_0", "out"),
                        training(SEED))
                .saveForPeft(directory);
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> trained(TestCase.NHWC, DataType.FLOAT).saveForPeft(directory.resolve("other")));
        assertTrue(refused.getMessage().contains("'conv_1'"), refused.getMessage());
        assertFalse(Files.exists(directory.resolve("other")));
    }

    @Test
    void a_disabled_adapter_is_not_saved() {
        AdaptedModel model = trained(TestCase.DENSE, DataType.FLOAT);
        try (AdapterScope off = model.disable()) {
            assertThrows(IllegalStateException.class, () -> model.save(directory));
        }
    }

    @Test
    void not_a_number_is_not_saved_and_the_old_file_stays() throws IOException {
        AdaptedModel model = trained(TestCase.DENSE, DataType.FLOAT);
        model.save(directory);
        byte[] before = Files.readAllBytes(directory.resolve(AdapterFile.TENSORS));
        model.graph().getLayer("dense_0").getParam("A").putScalar(0, Float.NaN);
        assertThrows(IllegalArgumentException.class, () -> model.save(directory));
        assertArrayEquals(before, Files.readAllBytes(directory.resolve(AdapterFile.TENSORS)));
    }
}
