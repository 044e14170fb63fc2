/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.Scheme;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.AdapterSummary;
import org.amend4j.lora.file.FullLayer;
import org.amend4j.lora.file.LayerFactors;
import org.amend4j.lora.file.TrainedBias;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters that PEFT itself made, read without a base and written again. */
class PeftBytesTest {
    private static final String FOLDER = "src/test/resources/org/amend4j/integration/peft-minilm";

    @TempDir
    Path directory;

    private static AdapterContent golden(String name) throws IOException {
        Path golden = Path.of(FOLDER, name);
        Map<String, String> same = new TreeMap<>();
        AdapterSummary.read(golden).modules().forEach(module -> same.put(module.name(), module.name()));
        return AdapterFile.read(golden, same);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lora_qv_r8",
                "lora_all_r4_rslora",
                "lora_patterns",
                "pissa_qv_r8_converted",
                "olora_qv_r8_converted",
                "classifier_qv_r8",
                "classifier_pooler_dora",
                "dora_all_r2_rslora",
                "bias_lora_only_all_r2"
            })
    void what_peft_wrote_and_nobody_changed_is_written_again_byte_for_byte(String name) throws IOException {
        AdapterFile.export(directory, golden(name));
        for (String file : List.of(AdapterFile.TENSORS, AdapterFile.CONFIG)) {
            assertArrayEquals(
                    Files.readAllBytes(Path.of(FOLDER, name, file)), Files.readAllBytes(directory.resolve(file)), file);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classifier_pooler_dora", "dora_all_r2_rslora", "bias_lora_only_all_r2"})
    void saved_for_ourselves_it_comes_back_whole_too(String name) throws IOException {
        AdapterContent read = golden(name);
        AdapterFile.writeForPeft(directory, read);
        AdapterContent again = AdapterFile.read(directory);
        assertEquals(read.config(), again.config());
        AdapterFile.export(directory, again);
        assertArrayEquals(
                Files.readAllBytes(Path.of(FOLDER, name, AdapterFile.TENSORS)),
                Files.readAllBytes(directory.resolve(AdapterFile.TENSORS)));
    }

    @Test
    void doras_magnitudes_and_the_trained_head_are_there() throws IOException {
        AdapterContent content = golden("classifier_pooler_dora");
        assertEquals(
                new Scheme(Dora.DETACHED_NORM, BiasMode.NONE, false),
                content.config().scheme());
        assertEquals(13, content.factors().size());
        for (LayerFactors layer : content.factors()) {
            assertEquals(384, layer.vectors().magnitude().orElseThrow().length(), layer.name());
            assertEquals(4.0 / 2, layer.spec().scaling());
        }
        assertEquals(
                List.of("classifier"),
                content.fullLayers().stream().map(FullLayer::vertex).toList());
    }

    @Test
    void every_adapted_layer_has_its_trained_bias() throws IOException {
        AdapterContent content = golden("bias_lora_only_all_r2");
        assertEquals(BiasMode.ADAPTED, content.config().scheme().bias());
        assertEquals(36, content.biases().size());
        assertEquals(
                content.factors().stream().map(LayerFactors::vertex).toList(),
                content.biases().stream().map(TrainedBias::vertex).toList());
        content.biases().forEach(bias -> assertFalse(bias.values().isEmpty(), bias.vertex()));
    }
}
