/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.testkit.LogLines;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the keys of PEFT's configuration. */
class PeftConfigTest {

    @TempDir
    Path directory;

    @BeforeEach
    void tensors() throws IOException {
        SafetensorsWriter.write(
                directory.resolve(AdapterFile.TENSORS),
                Map.of("format", "pt"),
                List.of(
                        TensorData.ofFloats("base_model.model.d.lora_A.weight", List.of(1L, 2L), new float[] {1, 2}),
                        TensorData.ofFloats("base_model.model.d.lora_B.weight", List.of(2L, 1L), new float[] {3, 4})));
    }

    private AdapterContent read(String fields) throws IOException {
        write(fields);
        return AdapterFile.read(directory, Map.of("d", "d"));
    }

    private void write(String fields) throws IOException {
        Files.writeString(
                directory.resolve(AdapterFile.CONFIG),
                "{" + fields + (fields.isEmpty() ? "" : ", ")
                        + "\"peft_type\": \"LORA\", \"r\": 1, \"lora_alpha\": 2, \"target_modules\": [\"d\"]}");
    }

    private List<String> logged(String fields) throws IOException {
        try (LogLines log = new LogLines(PeftConfig.class)) {
            read(fields);
            return log.lines();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"kasa_config", "lora_ga_config", "monteclora_config", "use_bdlora", "velora_config", "use_dora"})
    void keys_of_todays_peft_at_their_defaults_are_read_in_silence(String key) throws IOException {
        assertEquals(List.of(), logged("\"" + key + "\": null"));
        assertEquals(List.of(), logged("\"" + key + "\": false"));
    }

    static Set<String> others() {
        return PeftTypes.others();
    }

    /** Which of them PEFT merges is held against PEFT by {@code PeftTypesPeerTest}. */
    @ParameterizedTest
    @MethodSource("others")
    void every_kind_but_lora_is_refused_with_what_helps_or_why_nothing_does(String kind) throws IOException {
        write("");
        Path config = directory.resolve(AdapterFile.CONFIG);
        Files.writeString(config, Files.readString(config).replace("LORA", kind));
        String sentence = refused(
                AdapterFormatException.class,
                "'peft_type' must be LORA, got '" + kind + "': ",
                () -> AdapterFile.read(directory, Map.of("d", "d")));
        assertTrue(
                sentence.contains("merge_and_unload") != sentence.contains("PEFT does not merge it either"), sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "false", "{}", "[]", "\"\""})
    void an_unheard_of_key_that_is_empty_is_read_in_silence(String value) throws IOException {
        assertEquals(List.of(), logged("\"from_the_future\": " + value));
    }

    @Test
    void settings_of_unheard_of_features_are_one_warning() throws IOException {
        List<String> lines = logged("\"future_size\": 16, \"future_core\": \"x.y\", \"future_empty\": {}");
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.get(0).startsWith("WARN"), lines.get(0));
        assertTrue(lines.get(0).contains("'future_core', 'future_size'"), lines.get(0));
        assertFalse(lines.get(0).contains("future_empty"), lines.get(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "{\"x\": 1}", "[0]"})
    void an_unheard_of_feature_that_is_on_is_refused_by_name(String value) {
        refused(
                AdapterFormatException.class,
                "'from_the_future' is a key this release does not know, got ",
                () -> read("\"from_the_future\": " + value));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    kasa_config             | {}                   | a diagonal lies between the factors
                    monteclora_config       | {"num_samples": 8}   | sampled
                    use_bdlora              | {"nblocks": 2}       | block-diagonal
                    velora_config           | {}                   | compressed
                    target_parameters       | ["experts.up"]       | outside linear layers
                    """)
    void a_key_that_changes_what_is_computed_is_refused_by_name_with_what_helps(
            String key, String value, String reason) {
        String sentence = refused(
                AdapterFormatException.class,
                "'" + key + "' is not supported, got ",
                () -> read("\"" + key + "\": " + value));
        assertTrue(sentence.contains(reason), sentence);
        assertTrue(sentence.contains("merge_and_unload"), sentence);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    use_dora                | true           | must have lora_A.weight and lora_B.weight and lora_magnitude_vector
                    lora_bias               | true           | must have lora_A.weight and lora_B.weight and lora_B.bias
                    bias                    | "some"         | 'bias' must be none, lora_only or all
                    bias                    | true           | 'bias' must be none, lora_only or all
                    trainable_token_indices | [1, 2]         | the rows of trainable_token_indices are missing
                    trainable_token_indices | {"embed": [1]} | the rows of trainable_token_indices are missing
                    """)
    void a_scheme_whose_tensors_are_missing_is_refused(String key, String value, String reason) {
        refused(AdapterFormatException.class, reason, () -> read("\"" + key + "\": " + value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false", "\"gaussian\"", "\"eva\"", "\"orthogonal\"", "\"mica\"", "\"MiCA\""})
    void starts_that_leave_the_base_alone_load_as_plain_adapters(String init) throws IOException {
        LayerFactors layer = read("\"init_lora_weights\": " + init).factors().get(0);
        assertEquals(2.0, layer.spec().scaling());
        assertEquals(2.0, layer.a().getDouble(1, 0));
        assertEquals(4.0, layer.b().getDouble(0, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora_ga_config", "eva_config", "corda_config"})
    void how_a_plain_adapter_started_does_not_matter(String key) throws IOException {
        assertEquals(List.of(), logged("\"" + key + "\": {\"rho\": 2.0}"));
    }

    @ParameterizedTest
    @CsvSource({
        "pissa, PiSSA",
        "pissa_niter_4, PiSSA",
        "olora, OLoRA",
        "OLoRA, OLoRA",
        "corda, CorDA",
        "lora_ga, LoRA-GA",
        "loftq, LoftQ"
    })
    void starts_that_change_the_base_are_refused_with_pefts_way_out(String init, String name) {
        String sentence =
                refused(AdapterFormatException.class, name, () -> read("\"init_lora_weights\": \"" + init + "\""));
        assertTrue(sentence.contains("path_initial_model_for_weight_conversion"), sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"pissa_niter_\"", "\"pissa_niter_x\"", "\"new\"", "7", "[]", "null"})
    void other_starts_are_refused(String init) {
        refused(
                AdapterFormatException.class,
                "'init_lora_weights' must be true, false, gaussian, eva, orthogonal or mica, got " + init,
                () -> read("\"init_lora_weights\": " + init));
    }
}
