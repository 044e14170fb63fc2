/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.lora.file.ModuleNames;
import org.amend4j.lora.file.PeftBase;
import org.amend4j.model.BaseModel;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.safetensors.TensorInfo;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** What files of adapters say beside the adapter goes through a model and is written again. */
class PeftOriginTest {

    private static final long SEED = 5;
    private static final FineTuneConfiguration TRAINING =
            FineTuneConfiguration.builder().updater(new Sgd(0.1)).build();

    /** As PEFT writes it, with a name and a task, and targets by their last names. */
    private static final String CONFIG = """
            {
              "auto_mapping": null,
              "base_model_name_or_path": "hub/tiny",
              "inference_mode": true,
              "lora_alpha": 4,
              "peft_type": "LORA",
              "peft_version": "0.21.2",
              "r": 3,
              "revision": "abc",
              "target_modules": [
                "%s"
              ],
              "task_type": "CAUSAL_LM"
            }""";

    @TempDir
    Path temp;

    private BaseModel base(TinyCheckpoint tiny) throws IOException {
        return BaseModel.of(TransformerModel.open(tiny.filled().write(temp.resolve("base")), DataType.FLOAT)
                .graph());
    }

    /** An adapter of these layers in halves, as PEFT writes it, with {@code inMemory} in the place of {@code inFiles}. */
    private Path peft(BaseModel base, DType type, String inFiles, String inMemory) throws IOException {
        AdaptedModel adapted = AdaptedModel.attach(base, LoraConfig.of(3, 4).withTargets(inFiles), TRAINING);
        SmallNetworks.moved(adapted.graph(), new Random(SEED), 0.1);
        AdapterFile.export(temp.resolve("exported"), adapted.content().named(ModuleNames.TRANSFORMERS_4));
        List<TensorData> tensors = new ArrayList<>();
        try (SafetensorsFile file = SafetensorsFile.open(temp.resolve("exported/adapter_model.safetensors"))) {
            for (TensorInfo tensor : file.tensors().values()) {
                float[] values = file.readFloats(tensor.name());
                for (int i = 0; i < values.length; i++) {
                    values[i] = Math.round(values[i] * 64) / 64f; // which both types hold
                }
                tensors.add(TensorData.ofHalves(tensor.name().replace(inFiles, inMemory), type, tensor.shape(), values)
                        .orElseThrow());
            }
        }
        Path peft = Files.createDirectories(temp.resolve("peft"));
        SafetensorsWriter.write(peft.resolve(AdapterFile.TENSORS), Map.of("format", "pt"), tensors);
        String module = inMemory.substring(inMemory.lastIndexOf('.') + 1);
        Files.writeString(peft.resolve(AdapterFile.CONFIG), CONFIG.replace("%s", module));
        return peft;
    }

    private static AdaptedModel load(BaseModel base, Path peft) throws IOException {
        return AdaptedModel.load(base, peft, ModuleMap.bySameNames(), TRAINING);
    }

    private static JsonNode config(Path folder) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(AdapterFile.CONFIG).toFile());
    }

    private static void assertSameFiles(Path expected, Path found) throws IOException {
        assertEquals(
                Files.readString(expected.resolve(AdapterFile.CONFIG)),
                Files.readString(found.resolve(AdapterFile.CONFIG)));
        assertArrayEquals(
                Files.readAllBytes(expected.resolve(AdapterFile.TENSORS)),
                Files.readAllBytes(found.resolve(AdapterFile.TENSORS)));
    }

    /** Also where modules are called otherwise in memory, and so by PEFT, than in checkpoints. */
    @ParameterizedTest
    @CsvSource({
        "llama, F16, q_proj, q_proj",
        "llama, BF16, down_proj, down_proj",
        "vit, BF16, encoder.layer.1.attention.attention.query, layers.1.attention.q_proj"
    })
    void what_peft_wrote_goes_through_a_model_to_its_bytes(String family, DType type, String inFiles, String inMemory)
            throws IOException {
        BaseModel base = base(family.equals("vit") ? TinyCheckpoint.vit(SEED) : TinyCheckpoint.llama(SEED));
        Path peft = peft(base, type, inFiles, inMemory);
        Path out = temp.resolve("out");
        AdapterFile.export(out, load(base, peft).content());
        assertSameFiles(peft, out);
    }

    @Test
    void trained_further_it_keeps_its_configuration_and_halves_that_do_not_hold_values_are_floats() throws IOException {
        BaseModel base = base(TinyCheckpoint.llama(SEED));
        Path peft = peft(base, DType.F16, "q_proj", "q_proj");
        AdaptedModel adapted = load(base, peft);
        SmallNetworks.moved(adapted.graph(), new Random(SEED), 1e-6);
        Path out = temp.resolve("out");
        AdapterFile.export(out, adapted.content());
        assertEquals(config(peft), config(out));
        try (SafetensorsFile file = SafetensorsFile.open(out.resolve(AdapterFile.TENSORS))) {
            file.tensors().values().forEach(tensor -> assertEquals(DType.F32, tensor.dtype()));
        }
    }

    /** As import and export do, on the way through our own files. */
    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void saved_as_ours_it_keeps_types_and_what_is_said_beside(DType type) throws IOException {
        BaseModel base = base(TinyCheckpoint.llama(SEED));
        Path peft = peft(base, type, "q_proj", "q_proj");
        Path ours = temp.resolve("ours");
        load(base, peft).save(ours);
        Path again = temp.resolve("again");
        AdaptedModel.load(base, ours, TRAINING).save(again);
        assertSameFiles(ours, again);
        Path out = temp.resolve("out");
        AdapterFile.export(out, AdapterFile.read(again));
        assertArrayEquals(
                Files.readAllBytes(peft.resolve(AdapterFile.TENSORS)),
                Files.readAllBytes(out.resolve(AdapterFile.TENSORS)));
        for (String key : List.of("base_model_name_or_path", "revision", "task_type", "peft_version")) {
            assertEquals(config(peft).get(key), config(out).get(key), key);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "LlamaForCausalLM, CAUSAL_LM",
        "GPT2LMHeadModel, CAUSAL_LM",
        "BertForSequenceClassification, ''",
        "BertModel, FEATURE_EXTRACTION",
        "BertForMaskedLM, ''",
        "ViTForImageClassification, ''"
    })
    void a_base_is_said_with_its_task_or_its_class(String architecture, String task) throws IOException {
        BaseModel base = base(TinyCheckpoint.llama(SEED));
        AdaptedModel adapted = AdaptedModel.attach(base, LoraConfig.of(3, 4).withTargets("q_proj"), TRAINING);
        Path out = temp.resolve("out");
        AdapterFile.write(out, adapted.content().openedOn(new PeftBase("models/tiny", architecture)));
        JsonNode config = config(out);
        assertEquals("models/tiny", config.path("base_model_name_or_path").asText());
        assertEquals(task, config.path("task_type").asText("").replace("null", ""));
        assertEquals(
                task.isEmpty() ? architecture : "",
                config.at("/auto_mapping/base_model_class").asText());
        AdapterFile.export(temp.resolve("exported"), AdapterFile.read(out));
        assertEquals(config, config(temp.resolve("exported")));
    }

    /** PEFT's class for the task would look for a head in the file. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_task_of_a_head_is_said_where_the_adapter_has_the_head(boolean trained) throws IOException {
        String architecture = "BertForSequenceClassification";
        BaseModel base = base(TinyCheckpoint.bert(SEED)
                .with("architectures", List.of(architecture))
                .with("num_labels", 2));
        LoraConfig config = LoraConfig.of(3, 4).withTargets("query");
        AdaptedModel adapted =
                AdaptedModel.attach(base, trained ? config.withTrainedInFull("classifier") : config, TRAINING);
        Path out = temp.resolve("out");
        AdapterFile.write(out, adapted.content().openedOn(new PeftBase("models/tiny", architecture)));
        assertEquals(trained ? "SEQ_CLS" : "null", config(out).path("task_type").asText());
        assertEquals(trained, config(out).path("auto_mapping").isNull());
    }

    @Test
    void what_peft_says_of_the_base_stays() throws IOException {
        BaseModel base = base(TinyCheckpoint.llama(SEED));
        Path peft = peft(base, DType.F16, "q_proj", "q_proj");
        Path out = temp.resolve("out");
        AdapterFile.write(out, load(base, peft).content().openedOn(new PeftBase("other", "LlamaForCausalLM")));
        assertEquals("hub/tiny", config(out).path("base_model_name_or_path").asText());
        assertFalse(Files.readString(out.resolve(AdapterFile.CONFIG)).contains("other"));
        assertTrue(config(out).path("auto_mapping").isNull());
    }
}
