/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.cuda.LawDevices;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.training.PlacedRecords;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.AdapterScope;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.prefix.HostPrefix;
import org.amend4j.testkit.Agreement;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** What holds for adapted models, on graphs as Keras users have them: concatenations, skips, upsampling, in both layouts. */
@OneIn(3)
class KerasGraphsTest {

    /** 20 layers of sums of up to 5·5·64 terms, a rounding of 2⁻²⁴ each, errors adding up as in a random walk. */
    private static final double ROUNDING = 20 * Math.sqrt(5 * 5 * 64) * 0x1p-24;

    private static final int EXAMPLES = 4;

    @TempDir
    private Path folder;

    private static AdaptedModel attach(KerasGraph kind, DataType type) throws Exception {
        return AdaptedModel.attach(
                BaseModel.of(kind.network(type)), LoraConfig.of(1, 2).withTargets(kind.targets()), training());
    }

    private static void assertClose(INDArray expected, INDArray actual, String what) {
        double most = expected.amaxNumber().doubleValue();
        assertEquals(0, expected.sub(actual).amaxNumber().doubleValue(), ROUNDING * most, what);
    }

    @ParameterizedTest
    @EnumSource
    @OneIn(6)
    void disabled_is_the_base_merged_is_adapted_training_helps_and_the_base_stays(KerasGraph kind) throws Exception {
        AdaptedModel model = attach(kind, DataType.FLOAT);
        MultiDataSet data = kind.data(DataType.FLOAT, EXAMPLES);
        INDArray weights = model.base().network().params().dup();
        INDArray base = model.base().network().output(data.getFeatures())[0];
        double before = model.graph().score(data);
        for (int step = 0; step < 4; step++) {
            model.graph().fit(data);
        }
        assertTrue(model.graph().score(data) < before, () -> "the loss must fall from " + before);
        INDArray adapted = model.graph().output(data.getFeatures())[0];
        double change = adapted.sub(base).amaxNumber().doubleValue();
        assertTrue(change > 100 * ROUNDING * base.amaxNumber().doubleValue(), "training must show");
        try (AdapterScope off = model.disable()) {
            assertClose(base, model.graph().output(data.getFeatures())[0], "disabled");
        }
        ComputationGraph merged = model.merge().network();
        assertClose(adapted, merged.output(data.getFeatures())[0], "merged");
        model.save(folder);
        AdaptedModel again = AdaptedModel.load(model.base(), folder, training());
        assertTrue(ArrayBytes.same(adapted, again.graph().output(data.getFeatures())[0]), "saved and loaded");
        assertTrue(ArrayBytes.same(weights, model.base().network().params()), "the base's bytes");
    }

    private static FineTuneConfiguration training() {
        return new FineTuneConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.002))
                .build();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "ESRGAN_.*")
    void gradients_are_differences(KerasGraph kind) throws Exception {
        AdaptedModel model = attach(kind, DataType.DOUBLE);
        KerasGraph.move(model.graph(), 0.3, 11);
        Gradients.check(model.graph(), kind.data(DataType.DOUBLE, 2), 40, 17);
    }

    @ParameterizedTest
    @EnumSource
    void the_frozen_prefix_is_deeplearning4js_forward(KerasGraph kind) throws Exception {
        ComputationGraph network = kind.network(DataType.FLOAT);
        INDArray[] features = kind.data(DataType.FLOAT, EXAMPLES).getFeatures();
        Map<String, INDArray> all = network.feedForward(features, false);
        for (String cut : network.getConfiguration().getTopologicalOrderStr()) {
            // Deeplearning4j's activation layers write over what they read
            if (network.getConfiguration().getNetworkInputs().contains(cut)
                    || network.getConfiguration().getNetworkOutputs().contains(cut)
                    || all.containsKey(cut + "_Relu")) {
                continue;
            }
            assertClose(
                    Objects.requireNonNull(all.get(cut)),
                    HostPrefix.of(network, List.of(cut)).run(features)[0],
                    cut);
        }
        if (!kind.isSmall()) {
            Optional<String> obstacle = HostPrefix.of(network, List.of("SR")).obstacle(features);
            assertEquals(Optional.empty(), obstacle, "a plan computes it");
        }
    }

    @ParameterizedTest
    @EnumSource
    @OneIn(9)
    void a_device_gives_deeplearning4js_outputs(KerasGraph kind) throws Exception {
        ComputationGraph network = kind.network(DataType.FLOAT);
        MultiDataSet data = kind.data(DataType.FLOAT, EXAMPLES);
        INDArray expected = network.output(data.getFeatures())[0];
        Records records = Records.of(data);
        Network read = NetworkReader.inference(network, PlacedRecords.exampleShapes(records));
        try (Device device = LawDevices.plain();
                PlanSession session = PlanSession.open(device, read, Arithmetic.SINGLE, EXAMPLES);
                PlacedRecords onDevice = new PlacedRecords(device, ElementType.FLOAT, records, read, EXAMPLES)) {
            int[] chosen = IntStream.range(0, EXAMPLES).toArray();
            double[] outputs = session.outputs(onDevice.batch(chosen, 0, EXAMPLES, Optional.empty()))
                    .get(0);
            assertClose(
                    expected,
                    Nd4j.createFromArray(outputs).castTo(DataType.FLOAT).reshape('c', expected.shape()),
                    "on the device");
        }
    }

    /** In single precision against double: 1e-5, as of every network of the contract. */
    @ParameterizedTest
    @EnumSource
    @OneIn(6)
    void a_device_gives_deeplearning4js_gradient_of_an_adapter(KerasGraph kind) throws Exception {
        AdaptedModel model = attach(kind, DataType.DOUBLE);
        KerasGraph.move(model.graph(), 0.02, 13);
        Records records = Records.of(kind.data(DataType.DOUBLE, 2));
        GraphObjective reference = GraphObjective.of(model.graph(), records);
        try (Device device = LawDevices.plain();
                PlannedObjective objective =
                        PlannedObjective.of(device, model.graph(), records, PlanSettings.DEFAULT)) {
            Agreement.assertAgree(reference, objective, reference.parameters(), Agreement.SINGLE, kind.name());
        }
    }

    /** TensorFlow.js sums in another order: see {@link #ROUNDING}. */
    @Test
    void the_shipped_network_is_tensorflows() throws Exception {
        JsonNode reference = Esrgan.reference();
        float[] values = new float[6 * 5 * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = 255 * ((7919 * i) % 1000) / 1000f;
        }
        INDArray output =
                Esrgan.threefold().output(Nd4j.createFromArray(values).reshape('c', new long[] {1, 6, 5, 3}))[0];
        INDArray expected = Nd4j.create(output.shape());
        for (int i = 0; i < reference.get("values").size(); i++) {
            expected.putScalar(i, reference.get("values").get(i).asDouble());
        }
        assertEquals(reference.get("values").size(), output.length());
        assertClose(expected, output, "output");
    }
}
