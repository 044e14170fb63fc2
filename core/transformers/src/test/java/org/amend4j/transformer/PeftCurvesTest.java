/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Records;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.training.GradientNormLimit;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.model.BaseModel;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.training.PlannedTraining;
import org.amend4j.training.TorchAdam;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** Twenty steps from an adapter of PEFT's end at what PyTorch ends at, by {@code fit} and by a plan. */
class PeftCurvesTest {

    /** Of the largest movement of a factor: PyTorch's norms and rotary tables are in single precision, and so are its files. */
    private static final Map<String, Double> TOLERANCES = Map.of("sgd", 2e-5, "adam", 1e-4, "adamw", 1e-4);

    @TempDir
    private Path temp;

    private Path golden = Path.of("");

    @BeforeEach
    void find() throws URISyntaxException {
        golden = Path.of(
                Objects.requireNonNull(PeftCurvesTest.class.getResource("peft")).toURI());
    }

    private JsonNode reference(String curve) throws IOException {
        return new JsonMapper()
                .readTree(golden.resolve(curve + "/reference.json").toFile());
    }

    private AdaptedModel start(String curve, IUpdater updater) throws IOException {
        JsonNode rule = reference(curve).path("rule");
        FineTuneConfiguration.Builder training =
                new FineTuneConfiguration.Builder().seed(1).updater(updater);
        if (rule.has("weight_decay")) {
            training.weightDecay(rule.path("weight_decay").asDouble(), true);
        }
        BaseModel base = BaseModel.of(
                TransformerModel.open(golden.resolve(rule.path("base").asText("llama")), DataType.DOUBLE)
                        .graph());
        AdaptedModel adapted =
                AdaptedModel.load(base, golden.resolve(curve + "/start"), ModuleMap.bySameNames(), training.build());
        if (rule.has("max_grad_norm")) {
            adapted.graph()
                    .addListeners(
                            new GradientNormLimit(rule.path("max_grad_norm").asDouble()));
        }
        return adapted;
    }

    private IUpdater updater(String curve) throws IOException {
        JsonNode rule = reference(curve).path("rule");
        double rate = rule.path("lr").asDouble();
        return rule.path("rule").asText().equals("sgd") ? new Sgd(rate) : new TorchAdam(rate);
    }

    private static DataSet batch(JsonNode ids) {
        int time = ids.path(0).size();
        double[][][] tokens = new double[ids.size()][2][time];
        double[][] labels = new double[ids.size()][time];
        for (int record = 0; record < ids.size(); record++) {
            for (int t = 0; t < time; t++) {
                tokens[record][0][t] = ids.path(record).path(t).asInt();
                tokens[record][1][t] = 1;
                labels[record][t] = t + 1 < time ? ids.path(record).path(t + 1).asInt() : -1;
            }
        }
        return new DataSet(Nd4j.createFromArray(tokens), Nd4j.createFromArray(labels));
    }

    private List<DataSet> batches(String curve) throws IOException {
        List<DataSet> batches = new ArrayList<>();
        reference(curve).path("batches").forEach(ids -> batches.add(batch(ids)));
        return batches;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "curve-sgd",
                "curve-adam",
                "curve-adam-clip",
                "curve-adamw",
                "curve-adam-dora",
                "curve-tokens",
                "curve-tokens-tied"
            })
    void fitEndsWherePyTorchEnds(String curve) throws IOException {
        AdaptedModel adapted = start(curve, updater(curve));
        List<Double> losses = new ArrayList<>();
        for (DataSet batch : batches(curve)) {
            adapted.graph().fit(batch);
            losses.add(adapted.graph().score());
        }
        if (!reference(curve).path("rule").has("weight_decay")) { // which Deeplearning4j's score has
            requireLosses(curve, losses);
        }
        assertTrue(apart(curve, adapted) <= tolerance(curve), curve + ": " + apart(curve, adapted));
    }

    @ParameterizedTest
    @ValueSource(strings = {"curve-sgd", "curve-adam", "curve-adam-clip", "curve-adamw", "curve-adam-dora"})
    void aPlanEndsWherePyTorchEnds(String curve) throws IOException {
        AdaptedModel adapted = start(curve, updater(curve));
        List<DataSet> batches = batches(curve);
        Records all = Records.of(DataSet.merge(batches));
        List<Double> losses = new ArrayList<>();
        try (HostMachine machine = HostMachine.open(2);
                PlannedTraining training = PlannedTraining.of(machine, adapted.graph(), all, 4, Arithmetic.DOUBLE)) {
            for (int step = 0; step < batches.size(); step++) {
                training.step(IntStream.range(4 * step, 4 * step + 4).toArray());
                losses.add(training.loss());
            }
            training.copyInto(adapted.graph());
        }
        requireLosses(curve, losses);
        assertTrue(apart(curve, adapted) <= tolerance(curve), curve + ": " + apart(curve, adapted));
    }

    /** The twin: ε beside the root as it is. */
    @ParameterizedTest
    @ValueSource(strings = {"curve-adam", "curve-adam-clip"})
    void deeplearning4jsAdamEndsElsewhere(String curve) throws IOException {
        AdaptedModel adapted =
                start(curve, new Adam(reference(curve).path("rule").path("lr").asDouble()));
        batches(curve).forEach(adapted.graph()::fit);
        assertTrue(apart(curve, adapted) > 3 * tolerance(curve), curve + ": " + apart(curve, adapted));
    }

    /** Logarithms in single precision: a few units of a loss. */
    private void requireLosses(String curve, List<Double> losses) throws IOException {
        JsonNode expected = reference(curve).path("losses");
        assertEquals(expected.size(), losses.size());
        for (int step = 0; step < losses.size(); step++) {
            double loss = expected.path(step).asDouble();
            assertEquals(loss, losses.get(step), 8e-7 * loss, curve + ", step " + step);
        }
    }

    private double tolerance(String curve) throws IOException {
        return Objects.requireNonNull(
                TOLERANCES.get(reference(curve).path("rule").path("rule").asText()));
    }

    /** The largest distance from PyTorch's end, of each kind of tensor as a part of its largest movement there. */
    private double apart(String curve, AdaptedModel adapted) throws IOException {
        Path saved = temp.resolve("saved");
        adapted.saveForPeft(saved);
        Map<String, INDArray> found = tensors(saved);
        Map<String, INDArray> start = tensors(golden.resolve(curve + "/start"));
        Map<String, INDArray> end = tensors(golden.resolve(curve + "/end"));
        assertEquals(end.keySet(), found.keySet());
        Map<String, Double> moved = new TreeMap<>();
        Map<String, Double> apart = new TreeMap<>();
        end.forEach((name, values) -> {
            String kind = name.replaceAll(".*\\.(lora_\\w+).*", "$1").replaceAll(".*(trainable_tokens).*", "$1");
            moved.merge(kind, largest(values, start.get(name)), Math::max);
            apart.merge(kind, largest(values, found.get(name)), Math::max);
        });
        return apart.keySet().stream()
                .mapToDouble(kind -> apart.get(kind) / moved.get(kind))
                .max()
                .orElseThrow();
    }

    private static double largest(INDArray one, INDArray other) {
        return one.sub(other).amaxNumber().doubleValue();
    }

    private static Map<String, INDArray> tensors(Path folder) throws IOException {
        Map<String, INDArray> tensors = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("adapter_model.safetensors"))) {
            for (String name : file.tensors().keySet()) {
                boolean single = file.tensors().get(name).dtype().toString().equals("F32");
                tensors.put(
                        name,
                        single
                                ? Nd4j.createFromArray(file.readFloats(name)).castTo(DataType.DOUBLE)
                                : Nd4j.createFromArray(file.readDoubles(name)));
            }
        }
        return tensors;
    }
}
