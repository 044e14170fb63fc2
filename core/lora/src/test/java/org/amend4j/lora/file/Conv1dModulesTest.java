/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.TorchLayer;
import org.amend4j.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Files of adapters on GPT-2's linears, whose weights PyTorch has turned. */
class Conv1dModulesTest {

    private static final String FUSED = "transformer.h.0.attn.c_attn";
    private static final String OUTPUT = "transformer.h.0.attn.c_proj";

    @TempDir
    Path directory;

    private static AdapterContent content(String adapted, String inFull, INDArray weight) {
        LoraConfig config = LoraConfig.of(2, 4).withTargets(adapted).withTrainedInFull(inFull);
        return new AdapterContent(
                config,
                AdapterFixtures.BASE,
                Map.of(adapted, AdapterFixtures.BASE),
                List.of(AdapterFixtures.factors(config, adapted, new FactorLayout.Dense(), 3, 9, 2, 4, DataType.FLOAT)),
                List.of(new FullLayer(inFull, TorchLayer.DENSE, Map.of("W", weight))));
    }

    @Test
    void their_names_are_those_of_gpt2_alone() {
        assertTrue(Conv1dModules.contain(FUSED));
        assertTrue(Conv1dModules.contain("h.11.mlp.c_fc"));
        assertFalse(Conv1dModules.contain("lm_head"));
        assertFalse(Conv1dModules.contain("c_attn"));
        assertFalse(Conv1dModules.contain("transformer.h.0.attn.c_attn.more"));
    }

    /** So that PEFT finds a layer as it is in PyTorch, also one that is as wide as high. */
    @Test
    void a_layer_trained_in_full_is_stored_as_inputs_by_outputs_and_read_as_it_was() throws IOException {
        INDArray weight = Nd4j.createFromArray(new float[][] {{1, 2}, {3, 4}}).dup('f');
        AdapterContent content = content(FUSED, OUTPUT, weight);
        AdapterFile.write(directory, content);
        AdapterFixtures.assertSame(content, AdapterFile.read(directory));
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(AdapterFile.TENSORS))) {
            assertArrayEquals(new float[] {1, 2, 3, 4}, file.readFloats("base_model.model." + OUTPUT + ".weight"));
        }
        Path foreign = directory.resolve("foreign");
        AdapterFile.writeForPeft(foreign, content);
        AdapterContent read = AdapterFile.read(foreign, Map.of(FUSED, FUSED, OUTPUT, OUTPUT));
        assertEquals(weight, read.fullLayers().get(0).parameters().get("W"));
    }

    @Test
    void the_configuration_says_fan_in_fan_out_for_them_and_for_no_other_layer() throws IOException {
        INDArray weight = Nd4j.createFromArray(new float[][] {{1, 2}, {3, 4}}).dup('f');
        for (String adapted : List.of(FUSED, "model.layers.0.self_attn.q_proj")) {
            Path folder = Files.createDirectories(directory.resolve(adapted));
            AdapterFile.write(folder, content(adapted, "lm_head", weight));
            assertEquals(
                    adapted.equals(FUSED),
                    new ObjectMapper()
                            .readTree(folder.resolve("adapter_config.json").toFile())
                            .path("fan_in_fan_out")
                            .booleanValue());
            AdapterFile.read(folder);
        }
    }
}
