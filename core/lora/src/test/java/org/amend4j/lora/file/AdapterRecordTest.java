/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.amend4j.lora.file.AdapterFixtures.assertSame;
import static org.amend4j.lora.file.AdapterFixtures.dense;
import static org.amend4j.lora.file.AdapterFixtures.everything;
import static org.amend4j.testkit.Refusals.refused;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.TensorData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapter files that are sound safetensors files with a right digest, and wrong all the same. */
class AdapterRecordTest {
    private static final String A = "base_model.model.d.lora_A.weight";
    private static final String B = "base_model.model.d.lora_B.weight";

    @TempDir
    Path directory;

    @BeforeEach
    void save() throws IOException {
        AdapterFile.write(directory, dense("d"));
    }

    @Test
    void takingAnAdapterApartAndTogetherChangesNothing() throws IOException {
        AdapterFile.write(directory, everything());
        edit().save(directory);
        assertSame(everything(), AdapterFile.read(directory));
    }

    @Test
    void missingUnexpectedAndMisshapedTensorsAreNamed() throws IOException {
        refusedAfter("the tensor '" + B + "' is missing", edit().remove(B));
        refusedAfter(
                "the tensor 'base_model.model.e.lora_A.weight' is unexpected",
                edit().put(TensorData.ofFloats("base_model.model.e.lora_A.weight", List.of(1L), new float[1])));
        refusedAfter(
                "the tensor '" + A + "' must have the shape [2, 3], got [3, 2]",
                edit().put(TensorData.ofFloats(A, List.of(3L, 2L), new float[6])));
        refusedAfter(
                "the tensor '" + A + "' must not have the dtype I64",
                edit().put(TensorData.ofLongs(A, List.of(2L, 3L), new long[6])));
        refusedAfter(
                "the factors of 'd' must have one type",
                edit().put(TensorData.ofDoubles(A, List.of(2L, 3L), new double[6])));
    }

    @Test
    void valuesThatAreNotFiniteAreNamed() throws IOException {
        float[] values = new float[6];
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            values[5] = bad;
            refusedAfter(
                    "the tensor '" + A + "' must have finite values, got " + (double) bad,
                    edit().put(TensorData.ofFloats(A, List.of(2L, 3L), values)));
        }
        TensorData half = new TensorData(A, DType.F16, List.of(2L, 3L), out -> {
            for (int i = 0; i < 6; i++) {
                out.write(new byte[] {0, 0x7c});
            }
        });
        refusedAfter("must have finite values, got Infinity", edit().put(half));
    }

    @Test
    void everyRecordedFactMustBeThereAndTrue() throws IOException {
        for (String key : List.of(
                "amend4j.base.layers", "amend4j.base.sha256", "amend4j.config", "amend4j.keys", "amend4j.peft")) {
            EditedAdapter edited = edit();
            edited.metadata.remove(key);
            refusedAfter("the metadata " + key + " is missing", edited);
        }
        EditedAdapter undigested = edit();
        undigested.metadata.remove(AdapterDigest.KEY);
        undigested.saveAsItIs(directory);
        refusedRead("the metadata amend4j.digest is missing");
        save();
        EditedAdapter foreign = edit();
        foreign.metadata.remove("amend4j.version");
        refusedAfter("was not written by amend4j", foreign);
        refusedAfter("unknown version '2', this release reads version 1", edit().replace("amend4j.version", "1", "2"));
        refusedAfter("the metadata amend4j.peft must be", edit().replace("amend4j.peft", "exact", "none"));
        refusedAfter("the metadata amend4j.keys must be", edit().replace("amend4j.keys", "\"A\"", "\"B\""));
        refusedAfter("64 hexadecimal digits", edit().replace("amend4j.base.sha256", "0123", "X123"));
        refusedAfter("64 hexadecimal digits", edit().replace("amend4j.base.layers", "0123", "X123"));
        refusedAfter("amend4j.base.layers is not strict JSON", edit().replace("amend4j.base.layers", "}", "},"));
    }

    @Test
    void aRecordedConfigurationThatBreaksItsRulesIsRefused() throws IOException {
        String key = "amend4j.config";
        refusedAfter("is not strict JSON", edit().replace(key, "}", "}}"));
        refusedAfter("must be what amend4j writes", edit().replace(key, "{", "{ "));
        refusedAfter("rank must be >= 1, got 0", edit().replace(key, "\"rank\":2", "\"rank\":0"));
        refusedAfter("'rank' of amend4j.config must be an integer", edit().replace(key, "\"rank\":2", "\"rank\":2.5"));
        refusedAfter("alpha must be > 0", edit().replace(key, "\"alpha\":4.0", "\"alpha\":-4.0"));
        refusedAfter(
                "alpha must be > 0 and finite, got Infinity", edit().replace(key, "\"alpha\":4.0", "\"alpha\":1e999"));
        refusedAfter("dropout must be in [0, 1)", edit().replace(key, "\"dropout\":0.0", "\"dropout\":1.0"));
        refusedAfter(
                "'init': the start of adapters must be one of default, gaussian,", edit().replace(key, "DEFAULT", "x"));
        refusedAfter(
                "names, regex or all-linear, got 'x'", edit().replace(key, "\"kind\":\"names\"", "\"kind\":\"x\""));
        refusedAfter("'sides' of amend4j.config in adapters", edit().replace(key, "[3,4]", "[0,4]"));
        refusedAfter("must be inputs and outputs", edit().replace(key, "[3,4]", "[3]"));
        refusedAfter(
                "must be a possible size",
                edit().replace(key, "\"kernel\":[]", "\"kernel\":[9,9]")
                        .replace(key, "[3,4]", "[9223372036854775807,4]"));
        refusedAfter(
                "a kernel must have at most 3 sizes", edit().replace(key, "\"kernel\":[]", "\"kernel\":[1,1,1,1]"));
        refusedAfter("must have the shape [2, 3, 1]", edit().replace(key, "\"kernel\":[]", "\"kernel\":[1]"));
        refusedAfter("is missing", edit().replace(key, "\"target\":\"d\"", "\"target\":\"e\""));
        refusedAfter("two arrays claim", twice());
    }

    @Test
    void aRegexFromAFileIsNotEvaluated() throws IOException {
        String endless = "(.*)(.*)(.*)(.*)(.*)(.*)(.*)x";
        EditedAdapter edited = edit().replace(
                        "amend4j.config",
                        "{\"kind\":\"names\",\"names\":[\"d\"]}",
                        "{\"kind\":\"regex\",\"pattern\":\"" + endless + "\"}");
        edited.save(directory);
        AdapterContent content = AdapterFile.read(directory);
        assertSame(
                "A", dense("d").factors().get(0).a(), content.factors().get(0).a());
        refusedAfter(
                "is not a regular expression",
                edit().replace("amend4j.config", endless, "(").replace("amend4j.config", "regex", "regex"));
    }

    private EditedAdapter twice() throws IOException {
        EditedAdapter edited = edit();
        String text = edited.metadata.getOrDefault("amend4j.config", "");
        int from = text.indexOf('[') + 1;
        String adapter = text.substring(from, text.indexOf("}]", from) + 1);
        return edited.replace("amend4j.config", adapter, adapter + "," + adapter);
    }

    private EditedAdapter edit() throws IOException {
        return EditedAdapter.of(directory);
    }

    private void refusedAfter(String rule, EditedAdapter edited) throws IOException {
        EditedAdapter original = edit();
        edited.save(directory);
        refusedRead(rule);
        original.saveAsItIs(directory);
    }

    private void refusedRead(String rule) {
        refused(AdapterFormatException.class, rule, () -> AdapterFile.read(directory));
    }
}
