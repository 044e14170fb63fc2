/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.testkit.TestCase;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/** Batch norms trained in full travel to PyTorch, which keeps σ², and back to Deeplearning4j, which keeps log10 σ. */
class NormStatisticsTest {
    private static final String P = "base_model.model.";
    private static final int CHANNELS = 4;
    /** Deeplearning4j's default, which is PyTorch's. */
    private static final double EPSILON = 1e-5;

    @TempDir
    Path directory;

    private static BaseModel base() {
        return BaseModel.of(TestCase.NCHW.network(DataType.FLOAT, 3));
    }

    private static FineTuneConfiguration training() {
        return FineTuneConfiguration.builder().updater(new Sgd(0.1)).build();
    }

    /** What PEFT writes for an adapter on "point" and modules_to_save=["norm"]. */
    private void writeAsPeft(float[] variances) throws IOException {
        Random random = new Random(5);
        SafetensorsWriter.write(
                directory.resolve(AdapterFile.TENSORS),
                Map.of("format", "pt"),
                List.of(
                        floats("point.lora_A.weight", random, 1, 4, 1, 1),
                        floats("point.lora_B.weight", random, 6, 1, 1, 1),
                        floats("norm.weight", random, CHANNELS),
                        floats("norm.bias", random, CHANNELS),
                        floats("norm.running_mean", random, CHANNELS),
                        TensorData.ofFloats(P + "norm.running_var", List.of((long) CHANNELS), variances),
                        TensorData.ofLongs(P + "norm.num_batches_tracked", List.of(), new long[] {12})));
        Files.writeString(
                directory.resolve(AdapterFile.CONFIG),
                "{\"peft_type\": \"LORA\", \"r\": 1, \"lora_alpha\": 1, \"target_modules\": [\"point\"],"
                        + " \"modules_to_save\": [\"norm\"]}");
    }

    private static TensorData floats(String name, Random random, long... shape) {
        long count = 1;
        List<Long> sizes = new java.util.ArrayList<>();
        for (long size : shape) {
            count *= size;
            sizes.add(size);
        }
        float[] values = new float[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.5 + random.nextDouble());
        }
        return TensorData.ofFloats(P + name, sizes, values);
    }

    private AdaptedModel load() throws IOException {
        return AdaptedModel.load(base(), directory, Map.of("point", "point", "norm", "norm"), training());
    }

    @Test
    void a_batch_norm_of_peft_computes_pytorchs_formula_here() throws IOException {
        float[] variances = {1e-6f, 0.3f, 1, 250};
        writeAsPeft(variances);
        AdaptedModel model = load();
        INDArray[] input = TestCase.NCHW.data(DataType.FLOAT, 3, 1).getFeatures();
        Map<String, INDArray> activations = model.graph().feedForward(input, false);
        INDArray x = activations.get("conv_0");
        INDArray y = activations.get("norm");
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(AdapterFile.TENSORS))) {
            float[] gamma = file.readFloats(P + "norm.weight");
            float[] beta = file.readFloats(P + "norm.bias");
            float[] mean = file.readFloats(P + "norm.running_mean");
            for (int c = 0; c < CHANNELS; c++) {
                double scale = gamma[c] / Math.sqrt(variances[c] + EPSILON);
                double in = x.getDouble(1, c, 2, 3);
                // log10 σ rounded to float errs σ² by ln(100)·|log10 σ|·2⁻²⁴ < 2⁻²⁰; a dozen float operations besides
                double tolerance = 0x1p-19 * scale * (Math.abs(in) + Math.abs(mean[c])) + 0x1p-22;
                assertEquals(scale * (in - mean[c]) + beta[c], y.getDouble(1, c, 2, 3), tolerance, "channel " + c);
            }
        }
    }

    @Test
    void a_variance_of_zero_is_nothing_beside_epsilon_and_one_below_is_refused() throws IOException {
        writeAsPeft(new float[] {0, 0.3f, 1, 2});
        AdaptedModel model = load();
        INDArray logarithms = model.graph().getLayer("norm").getParam("log10stdev");
        assertEquals((float) EPSILON, (float) (EPSILON + NormStatistics.variance(logarithms.getDouble(0))));
        model.save(directory.resolve("again"));
        try (SafetensorsFile file =
                SafetensorsFile.open(directory.resolve("again").resolve(AdapterFile.TENSORS))) {
            assertEquals(0, file.readFloats(P + "norm.running_var")[0]);
        }
        writeAsPeft(new float[] {1, -0.1f, 1, 1});
        refused("the variances of the batch norm 'norm' must be >= 0, got -0.1", this::load);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void a_batch_norm_written_for_peft_has_every_key_and_comes_back(long seed) throws IOException {
        AdaptedModel model = AdaptedModel.attach(
                base(), LoraConfig.of(1, 1).withTargets("point").withTrainedInFull("norm"), training());
        INDArray logarithms = model.graph().getLayer("norm").getParam("log10stdev");
        Random random = new Random(seed);
        for (int i = 0; i < CHANNELS; i++) {
            logarithms.putScalar(i, 2 * random.nextGaussian());
        }
        model.saveForPeft(directory);
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(AdapterFile.TENSORS))) {
            Set<String> ofNorm = file.tensors().keySet().stream()
                    .filter(name -> name.startsWith(P + "norm."))
                    .map(name -> name.substring((P + "norm.").length()))
                    .collect(Collectors.toSet());
            assertTrue(
                    ofNorm.containsAll(Set.of("weight", "bias", "running_mean", "running_var", "num_batches_tracked")),
                    ofNorm.toString());
            float[] variances = file.readFloats(P + "norm.running_var");
            for (int i = 0; i < CHANNELS; i++) {
                double exact = Math.pow(10, 2 * logarithms.getDouble(i));
                assertEquals(exact, variances[i], Math.ulp((float) exact));
            }
        }
        INDArray back = load().graph().getLayer("norm").getParam("log10stdev");
        for (int i = 0; i < CHANNELS; i++) {
            double was = logarithms.getDouble(i);
            // σ² rounded to float moves log10 σ by at most 2⁻²⁴/(2·ln 10); then it is rounded itself
            assertEquals(was, back.getDouble(i), 0x1p-25 / Math.log(10) + Math.ulp((float) was));
        }
        // Our own reader takes our own array, bit for bit.
        AdaptedModel own = AdaptedModel.load(base(), directory, training());
        assertTrue(ArrayBytes.same(logarithms, own.graph().getLayer("norm").getParam("log10stdev")));
    }
}
