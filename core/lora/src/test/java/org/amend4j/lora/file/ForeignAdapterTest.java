/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.amend4j.lora.file.AdapterFixtures.value;
import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.testkit.TestCase;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/** Adapters in the form in which PEFT writes them, without anything of ours. */
class ForeignAdapterTest {
    private static final String P = "base_model.model.";
    private static final Map<String, String> VERTICES =
            Map.of("layers.0.q", "dense1", "layers.1.q", "dense2", "stem", "conv", "head", "output", "norm", "bn");

    @TempDir
    Path directory;

    @Test
    void aForeignAdapterLoadsToTheRightArrays() throws IOException {
        write(tensors(), config("\"rank_pattern\": {\"layers.1.q\": 3}, \"alpha_pattern\": {\"^stem\": 1.5},"));
        AdapterContent content = AdapterFile.read(directory, VERTICES);
        assertEquals(
                List.of("dense1", "dense2", "conv"),
                content.factors().stream().map(LayerFactors::vertex).toList());
        assertEquals(
                List.of(2, 3, 2),
                content.factors().stream().map(f -> f.spec().rank()).toList());
        assertEquals(
                List.of(2.0, 4.0 / 3, 0.75),
                content.factors().stream().map(f -> f.spec().scaling()).toList());
        LayerFactors dense = content.factors().get(0);
        for (int input = 0; input < 5; input++) {
            for (int k = 0; k < 2; k++) {
                assertEquals(
                        value("layers.0.q.lora_A.weight", k * 5L + input),
                        dense.a().getDouble(input, k));
            }
        }
        for (int k = 0; k < 2; k++) {
            for (int output = 0; output < 4; output++) {
                assertEquals(
                        value("layers.0.q.lora_B.weight", output * 2L + k),
                        dense.b().getDouble(k, output));
            }
        }
        LayerFactors conv = content.factors().get(2);
        assertEquals(new FactorLayout.Conv2D(3, 2), conv.layout());
        assertEquals(value("stem.lora_A.weight", (1 * 4 + 3) * 6 + 5), conv.a().getDouble(3 * 6 + 5, 1));
        Map<String, INDArray> head = content.fullLayers().get(0).parameters();
        assertEquals("output", content.fullLayers().get(0).vertex());
        assertEquals(value("head.weight", 2 * 4 + 1), array(head, "W").getDouble(1, 2));
        assertEquals(
                value("norm.running_var", 2),
                array(content.fullLayers().get(1).parameters(), "var").getDouble(2));
        AdapterFile.write(directory.resolve("ours"), content);
        AdapterFixtures.assertSame(content, AdapterFile.read(directory.resolve("ours")));
    }

    @Test
    void aForeignAdapterOnItsTwinAddsItsOwnDelta() throws IOException {
        write(
                List.of(floats("fc1.lora_A.weight", 2, 5), floats("fc1.lora_B.weight", 7, 2)),
                config("").replace("\"d\"", "\"fc1\""));
        BaseModel base = BaseModel.of(TestCase.DENSE.network(DataType.FLOAT, 1));
        AdaptedModel model = AdaptedModel.load(
                base,
                directory,
                Map.of("fc1", "dense_0"),
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).build());
        INDArray weight = array(base.parameters("dense_0"), "W");
        INDArray merged = model.merge().network().getLayer("dense_0").getParam("W");
        for (int input = 0; input < 5; input++) {
            for (int output = 0; output < 7; output++) {
                double delta = 0;
                for (int k = 0; k < 2; k++) {
                    delta += value("fc1.lora_B.weight", output * 2L + k) * value("fc1.lora_A.weight", k * 5L + input);
                }
                double expected = weight.getDouble(input, output) + 4.0 / 2 * delta;
                // two products and two sums in float
                assertEquals(expected, merged.getDouble(input, output), 4 * Math.ulp((float) Math.abs(expected) + 1));
            }
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> AdaptedModel.load(
                        base,
                        directory,
                        Map.of("fc1", "dense_1"),
                        FineTuneConfiguration.builder().build()));
    }

    @Test
    void halfPrecisionFactorsAreReadExactly() throws IOException {
        List<TensorData> halves =
                List.of(half("d.lora_A.weight", DType.BF16, 1, 3), half("d.lora_B.weight", DType.F16, 2, 1));
        write(halves, config("").replace("\"r\": 2", "\"r\": 1"));
        LayerFactors layer =
                AdapterFile.read(directory, Map.of("d", "d")).factors().get(0);
        assertEquals(DataType.FLOAT, layer.a().dataType());
        assertEquals(1.0, layer.a().getDouble(2, 0));
        assertEquals(1.0, layer.b().getDouble(0, 1));
    }

    @Test
    void everyModuleIsMappedExactlyOnce() throws IOException {
        write(tensors(), config(""));
        write(tensors(), config("\"rank_pattern\": {\"layers.1.q\": 3},"));
        refusedRead("no vertex is given for the module 'head'", Map.of());
        refusedRead("there is no module 'more'; modules: 'head', 'layers.0.q'", with(VERTICES, "more", "x"));
        refused(
                "must not be mapped to one vertex",
                () -> AdapterFile.read(directory, Map.of("head", "a", "stem", "a")));
        refused(AdapterFormatException.class, "was not written by amend4j", () -> AdapterFile.read(directory));
    }

    @Test
    void whatWeCannotComputeIsRefused() throws IOException {
        Map<String, String> d = Map.of("d", "d");
        List<TensorData> pair = List.of(floats("d.lora_A.weight", 2, 3), floats("d.lora_B.weight", 4, 2));
        write(pair, config("").replace("[\"d\"]", "null"));
        refusedRead("'target_modules' is missing", d);
        write(pair, config("").replace("\"r\": 2", "\"r\": 3"));
        refusedRead("must have the shape [3, 3], got [2, 3]", d);
        write(pair, config("").replace("\"r\": 2", "\"r\": 0"));
        refusedRead("rank must be >= 1, got 0", d);
        for (String extra : List.of(
                "d.lora_B.bias",
                "d.lora_magnitude_vector",
                "d.base_layer.bias",
                "d.token_adapter.trainable_tokens_delta",
                "d.trainable_tokens_delta")) {
            write(List.of(pair.get(0), pair.get(1), floats(extra, 4)), config(""));
            refusedRead("the module 'd' must have lora_A.weight and lora_B.weight and no other tensor", d);
            assertEquals(1, AdapterSummary.read(directory).obstacles().size(), extra);
        }
        write(List.of(pair.get(0)), config(""));
        refusedRead("must have lora_A.weight and lora_B.weight", d);
        write(List.of(TensorData.ofFloats("x.lora_A.weight", List.of(1L), new float[1])), config(""));
        refusedRead("must begin with base_model.model.", d);
    }

    /** PEFT 0.20.0 converts PiSSA, OLoRA, CorDA and LoRA-GA so, and cannot read it itself. */
    @Test
    void anAdapterThatLostItsLayersInFullIsRefused() throws IOException {
        Map<String, String> d = Map.of("d", "d");
        List<TensorData> pair = List.of(floats("d.lora_A.weight", 2, 3), floats("d.lora_B.weight", 4, 2));
        String config = config("\"modules_to_save\": [\"classifier\", \"score\"],");
        write(pair, config);
        refusedRead("'modules_to_save' is [\"classifier\",\"score\"], but", d);
        List<String> obstacles = AdapterSummary.read(directory).obstacles();
        assertEquals(1, obstacles.size(), obstacles.toString());
        List<TensorData> whole = new ArrayList<>(pair);
        whole.add(floats("classifier.weight", 2, 4));
        write(whole, config);
        assertEquals(
                1,
                AdapterFile.read(directory, with(d, "classifier", "classifier"))
                        .fullLayers()
                        .size());
        assertEquals(List.of(), AdapterSummary.read(directory).obstacles());
    }

    @Test
    void brokenScalingNamesTheConfigurationsFile() throws IOException {
        List<TensorData> pair = List.of(floats("d.lora_A.weight", 2, 3), floats("d.lora_B.weight", 4, 2));
        for (String bad : List.of("\"rank_pattern\": {\"d\": 0},", "\"alpha_pattern\": {\"(d+)+\": 2},")) {
            write(pair, config(bad));
            refusedRead(AdapterFile.CONFIG, Map.of("d", "d"));
        }
        write(pair, config("").replace("\"lora_alpha\": 4", "\"lora_alpha\": -4"));
        refusedRead(AdapterFile.CONFIG, Map.of("d", "d"));
    }

    @Test
    void patternsThatCouldRunAwayAreNotEvaluated() throws IOException {
        Map<String, String> d = Map.of("d", "d");
        List<TensorData> pair = List.of(floats("d.lora_A.weight", 2, 3), floats("d.lora_B.weight", 4, 2));
        for (String bad : List.of(
                "(a+)+",
                "d{1,9}",
                "(?=d)d",
                "[a-z&&d]",
                "[[d]]",
                "[]",
                "[d",
                "[a-z]{2}",
                "(d)\\\\1",
                "d*+",
                "a^",
                "d\\\\")) {
            write(pair, config("\"rank_pattern\": {\"" + bad + "\": 2},"));
            refusedRead("must be a simple one", d);
        }
        for (String good : List.of("d", "^d$", ".*", "\\\\w+", "(a|d)", "d?", "x\\\\.y", "[a-e]+", "[^.]*", "[0-9]")) {
            write(pair, config("\"rank_pattern\": {\"" + good + "\": 2},"));
            assertEquals(1, AdapterFile.read(directory, d).factors().size());
        }
        write(pair, config("\"alpha_pattern\": {\"d\": 2, \".\": 3},"));
        refusedRead("the keys of alpha_pattern must agree on 'd'", d);
    }

    @Test
    void namesThatAgreeNeedNoMapAndNoneIsGuessed() {
        List<String> vertices = List.of("q", "layers.0.q", "layers.1.q", "head");
        ModuleMap names = ModuleMap.bySameNames();
        assertEquals(Map.of("q", "q", "head", "head"), names.vertices(List.of("head", "q"), vertices));
        assertEquals(
                Map.of("a.layers.0.q", "layers.0.q", "a.layers.1.q", "layers.1.q"),
                names.vertices(List.of("a.layers.0.q", "a.layers.1.q"), vertices));
        // one part that is not shared is not left out
        refused(
                "no vertex has the name of the module 'a.layers.0.q'",
                () -> names.vertices(List.of("a.layers.0.q", "head"), vertices));
        refused("candidates: 'q', 'layers.1.q'", () -> names.vertices(List.of("x", "layers.0.q", "head"), vertices));
        assertEquals(
                Map.of("x", "q", "head", "head"),
                names.with(Map.of("x", "q")).vertices(List.of("head", "x"), vertices));
        refused(
                "'q' and 'x' are both mapped to 'q'",
                () -> names.with(Map.of("x", "q")).vertices(List.of("q", "x"), vertices));
    }

    private static INDArray array(Map<String, INDArray> parameters, String name) {
        return Objects.requireNonNull(parameters.get(name));
    }

    private static Map<String, String> with(Map<String, String> map, String key, String value) {
        Map<String, String> all = new TreeMap<>(map);
        all.put(key, value);
        return all;
    }

    private void refusedRead(String rule, Map<String, String> vertices) {
        refused(AdapterFormatException.class, rule, () -> AdapterFile.read(directory, vertices));
    }

    private static List<TensorData> tensors() {
        return List.of(
                floats("layers.0.q.lora_A.weight", 2, 5),
                floats("layers.0.q.lora_B.weight", 4, 2),
                floats("layers.1.q.lora_A.weight", 3, 5),
                floats("layers.1.q.lora_B.weight", 4, 3),
                floats("stem.lora_A.weight", 2, 4, 3, 2),
                floats("stem.lora_B.weight", 6, 2, 1, 1),
                floats("head.weight", 3, 4),
                floats("head.bias", 3),
                floats("norm.weight", 4),
                floats("norm.bias", 4),
                floats("norm.running_mean", 4),
                floats("norm.running_var", 4),
                TensorData.ofLongs(P + "norm.num_batches_tracked", List.of(), new long[] {7}));
    }

    private static TensorData floats(String name, long... shape) {
        List<Long> sizes = new ArrayList<>();
        int count = 1;
        for (long size : shape) {
            sizes.add(size);
            count *= (int) size;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) value(name, i);
        }
        return TensorData.ofFloats(P + name, sizes, values);
    }

    private static TensorData half(String name, DType dtype, long rows, long columns) {
        short one = (short) (dtype == DType.F16 ? 0x3c00 : 0x3f80);
        ByteBuffer bytes = ByteBuffer.allocate((int) (rows * columns) * 2).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putShort(one);
        }
        return new TensorData(P + name, dtype, List.of(rows, columns), out -> out.write(bytes.array()));
    }

    private static String config(String extra) {
        return "{" + extra + " \"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 4, \"target_modules\": [\"d\"],"
                + " \"peft_version\": \"0.18.0\", \"task_type\": \"FEATURE_EXTRACTION\"}";
    }

    private void write(List<TensorData> tensors, String config) throws IOException {
        SafetensorsWriter.write(directory.resolve(AdapterFile.TENSORS), Map.of("format", "pt"), tensors);
        Files.writeString(directory.resolve(AdapterFile.CONFIG), config);
    }
}
