/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.AdapterFormatException;
import org.amend4j.lora.file.AdapterSummary;
import org.amend4j.lora.file.LayerFactors;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.OneIn;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Adapters that PEFT itself made on MiniLM, on graphs of its dense layers' names and shapes. */
class PeftGoldenTest {
    private static final String P = "base_model.model.";
    private static final int LAYERS = 6;
    private static final int WIDTH = 384;
    private static final int INNER = 1536;
    private static final Map<String, BaseModel> BASES = new HashMap<>();

    @TempDir
    Path directory;

    /** What the configuration says of one module, written down by hand from how the adapters were made. */
    private record Expected(int rank, double scaling) {}

    private static Path golden(String name) {
        return Path.of("src/test/resources/org/amend4j/integration/peft-minilm", name);
    }

    private static Expected expected(String adapter, String module) {
        return switch (adapter) {
            case "lora_qv_r8", "classifier_qv_r8" -> new Expected(8, 16.0 / 8);
            case "lora_all_r4_rslora" -> new Expected(4, 8 / Math.sqrt(4));
            case "pissa_qv_r8_converted", "olora_qv_r8_converted" -> new Expected(16, 32.0 / 16);
            case "lora_patterns" -> {
                if (module.endsWith("layer.0.attention.self.query")) {
                    yield new Expected(6, 8.0 / 6);
                }
                if (module.endsWith("intermediate.dense")) {
                    yield new Expected(2, 8.0 / 2);
                }
                yield new Expected(4, (module.endsWith("value") ? 5.0 : 8.0) / 4);
            }
            default -> throw new IllegalArgumentException(adapter);
        };
    }

    /** MiniLM's dense layers, one behind the other; no attention, no norms: what is tested is that each gets its own delta. */
    private static ComputationGraph encoder(String beginning) {
        GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .seed(20261)
                .dataType(DataType.FLOAT)
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in");
        String below = "in";
        for (int i = 0; i < LAYERS; i++) {
            String layer = beginning + "encoder.layer." + i + ".";
            String self = layer + "attention.self.";
            graph.addLayer(self + "query", dense(WIDTH, WIDTH), below)
                    .addLayer(self + "key", dense(WIDTH, WIDTH), below)
                    .addLayer(self + "value", dense(WIDTH, WIDTH), below)
                    .addVertex(
                            layer + "sum",
                            new ElementWiseVertex(ElementWiseVertex.Op.Add),
                            self + "query",
                            self + "key",
                            self + "value")
                    .addLayer(layer + "attention.output.dense", dense(WIDTH, WIDTH), layer + "sum")
                    .addLayer(layer + "intermediate.dense", dense(WIDTH, INNER), layer + "attention.output.dense")
                    .addLayer(layer + "output.dense", dense(INNER, WIDTH), layer + "intermediate.dense");
            below = layer + "output.dense";
        }
        OutputLayer head = new OutputLayer.Builder()
                .nIn(WIDTH)
                .nOut(2)
                .activation(Activation.SOFTMAX)
                .build();
        ComputationGraph network = new ComputationGraph(graph.addLayer("classifier", head, below)
                .setOutputs("classifier")
                .build());
        network.init();
        return network;
    }

    private static DenseLayer dense(int inputs, int outputs) {
        return new DenseLayer.Builder().nIn(inputs).nOut(outputs).build();
    }

    private static BaseModel base(String adapter) {
        return BASES.computeIfAbsent(
                adapter.startsWith("classifier") ? "bert." : "", beginning -> BaseModel.of(encoder(beginning)));
    }

    private static AdaptedModel load(BaseModel base, Path adapter) throws IOException {
        return AdaptedModel.load(
                base,
                adapter,
                ModuleMap.bySameNames(),
                FineTuneConfiguration.builder().updater(new Sgd(0.01)).build());
    }

    @OneIn(3)
    @ParameterizedTest
    @CsvSource({
        "lora_qv_r8, 12",
        "lora_all_r4_rslora, 36",
        "lora_patterns, 18",
        "pissa_qv_r8_converted, 12",
        "olora_qv_r8_converted, 12",
        "classifier_qv_r8, 12"
    })
    void every_layer_gets_the_rank_scaling_and_delta_that_pefts_bytes_say_and_merged_is_adapted(
            String adapter, int adapted) throws IOException {
        RawSafetensors raw = RawSafetensors.read(golden(adapter).resolve(AdapterFile.TENSORS));
        BaseModel base = base(adapter);
        AdaptedModel model = load(base, golden(adapter));
        assertEquals(adapted, model.adapters().size());
        ComputationGraph merged = model.merge().network();
        for (AdapterSpec spec : model.adapters()) {
            Expected expected = expected(adapter, spec.target());
            assertEquals(expected.rank(), spec.rank(), spec.target());
            assertEquals(expected.scaling(), spec.scaling(), 0, spec.target());
            requireDelta(raw, spec.target(), expected, weight(base.network(), spec), weight(merged, spec));
        }
        requireHead(raw, model);
        INDArray input = Transforms.sin(Nd4j.arange(3.0 * WIDTH)
                .castTo(DataType.FLOAT)
                .reshape('c', new long[] {3, WIDTH})
                .muli(0.7));
        INDArray onAdapters = model.graph().outputSingle(input);
        INDArray onMerged = merged.outputSingle(input);
        INDArray onBase = base.network().outputSingle(input);
        // sums of at most 1536 products in float, in 24 layers of slope at most 1 and norms near 1
        double rounding = largestDifference(onAdapters, onMerged);
        assertEquals(0, rounding, 24 * INNER * 0x1p-24);
        // far below that worst case: an adapter that one of the two left out would be seen
        double change = largestDifference(onAdapters, onBase);
        assertTrue(change > 0 && change > 10 * rounding, change + " against " + rounding);
    }

    private static INDArray weight(ComputationGraph network, AdapterSpec spec) {
        return network.getLayer(spec.target()).getParam("W");
    }

    private static double largestDifference(INDArray a, INDArray b) {
        return a.sub(b).amaxNumber().doubleValue();
    }

    private static void requireDelta(
            RawSafetensors raw, String module, Expected expected, INDArray before, INDArray after) {
        RawSafetensors.Tensor a = raw.get(P + module + ".lora_A.weight");
        RawSafetensors.Tensor b = raw.get(P + module + ".lora_B.weight");
        int rank = expected.rank();
        assertEquals(rank, a.shape()[0], module);
        float[] was = before.dup('c').data().asFloat();
        float[] is = after.dup('c').data().asFloat();
        int inputs = a.shape()[1];
        int outputs = b.shape()[0];
        assertEquals(inputs * outputs, is.length, module);
        for (int in = 0; in < inputs; in++) {
            for (int out = 0; out < outputs; out++) {
                double product = 0;
                double magnitude = 0;
                for (int k = 0; k < rank; k++) {
                    double term = b.at(out, k) * a.at(k, in);
                    product += term;
                    magnitude += Math.abs(term);
                }
                double wanted = was[in * outputs + out] + expected.scaling() * product;
                // rank products summed in float, scaled, added and rounded once more
                double tolerance = 0x1p-24 * ((rank + 2) * expected.scaling() * magnitude + 2 * Math.abs(wanted));
                double found = is[in * outputs + out];
                if (Math.abs(wanted - found) > tolerance) {
                    assertEquals(wanted, found, tolerance, module + " " + in + ", " + out);
                }
            }
        }
    }

    private static void requireHead(RawSafetensors raw, AdaptedModel model) {
        boolean saved = raw.tensors().containsKey(P + "classifier.weight");
        assertEquals(saved ? List.of("classifier") : List.of(), model.trainedInFull());
        if (saved) {
            for (int in = 0; in < WIDTH; in++) {
                for (int out = 0; out < 2; out++) {
                    assertEquals(
                            raw.get(P + "classifier.weight").at(out, in),
                            model.graph().getLayer("classifier").getParam("W").getDouble(in, out));
                }
            }
        }
    }

    @Test
    void a_golden_adapter_saved_here_comes_back_to_the_same_bytes_and_is_pefts_again() throws IOException {
        BaseModel base = base("classifier_qv_r8");
        AdaptedModel model = load(base, golden("classifier_qv_r8"));
        model.saveForPeft(directory);
        AdaptedModel own = AdaptedModel.load(
                base,
                directory,
                FineTuneConfiguration.builder().updater(new Sgd(0.01)).build());
        assertTrue(ArrayBytes.same(model.graph().params(), own.graph().params()));
        RawSafetensors given = RawSafetensors.read(golden("classifier_qv_r8").resolve(AdapterFile.TENSORS));
        RawSafetensors written = RawSafetensors.read(directory.resolve(AdapterFile.TENSORS));
        assertEquals(given.tensors().keySet(), written.tensors().keySet());
        given.tensors().forEach((name, tensor) -> {
            List<Float> expected = new ArrayList<>();
            List<Float> found = new ArrayList<>();
            for (int i = 0; i < tensor.values().length; i++) {
                expected.add(tensor.values()[i]);
                found.add(written.get(name).values()[i]);
            }
            assertEquals(expected, found, name);
        });
    }

    @Test
    void a_part_that_all_modules_share_may_be_missing_in_the_graph() throws IOException {
        // "encoder." of every module
        Map<String, String> shorter = new HashMap<>();
        AdapterSummary.read(golden("lora_qv_r8"))
                .modules()
                .forEach(module -> shorter.put(module.name(), module.name().substring("encoder.".length())));
        AdapterContent told = AdapterFile.read(golden("lora_qv_r8"), shorter);
        AdapterContent found =
                AdapterFile.read(golden("lora_qv_r8"), ModuleMap.bySameNames(), List.copyOf(shorter.values()));
        assertEquals(
                told.factors().stream().map(LayerFactors::spec).toList(),
                found.factors().stream().map(LayerFactors::spec).toList());
        assertEquals("layer.0.attention.self.query", found.factors().get(0).vertex());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lora_qv_r8",
                "lora_all_r4_rslora",
                "lora_patterns",
                "pissa_qv_r8_converted",
                "olora_qv_r8_converted",
                "classifier_qv_r8"
            })
    void a_summary_says_of_each_module_what_its_configuration_says(String adapter) throws IOException {
        AdapterSummary summary = AdapterSummary.read(golden(adapter));
        assertFalse(summary.ours());
        assertEquals(List.of(), summary.obstacles());
        assertTrue(summary.peftVersion().orElse("").startsWith("0.20"));
        for (AdapterSummary.Module module : summary.modules()) {
            if (module.adapted()) {
                assertEquals(
                        expected(adapter, module.name()), new Expected(module.rank(), module.scaling()), module.name());
            } else {
                assertEquals("classifier", module.name());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "pissa_qv_r8, path_initial_model_for_weight_conversion",
        "olora_qv_r8, path_initial_model_for_weight_conversion",
    })
    void a_start_that_changed_the_base_is_refused_with_what_helps(String adapter, String help) throws IOException {
        Files.copy(golden(adapter).resolve(AdapterFile.CONFIG), directory.resolve(AdapterFile.CONFIG));
        Files.copy(golden("lora_qv_r8").resolve(AdapterFile.TENSORS), directory.resolve(AdapterFile.TENSORS));
        AdapterFormatException refused =
                assertThrows(AdapterFormatException.class, () -> load(base(adapter), directory));
        String sentence = Objects.requireNonNull(refused.getMessage());
        assertTrue(sentence.contains(help), sentence);
        assertEquals(1, sentence.lines().count());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dora_all_r2_rslora", "bias_lora_only_all_r2"})
    void a_scheme_of_peft_s_is_attached_with_its_values(String adapter) throws IOException {
        AdaptedModel model = load(base(adapter), golden(adapter));
        String key = adapter.startsWith("dora") ? "_magnitude" : "_b";
        List<INDArray> vectors = model.graph().paramTable().entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(key))
                .map(Map.Entry::getValue)
                .toList();
        assertEquals(model.adapters().size(), vectors.size());
        vectors.forEach(values -> assertTrue(values.amaxNumber().doubleValue() > 0));
    }
}
