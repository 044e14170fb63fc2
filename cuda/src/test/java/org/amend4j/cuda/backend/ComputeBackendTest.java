/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.objective.LowRankObjective;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class ComputeBackendTest {

    private final List<String> notes = new ArrayList<>();

    private static ComputationGraph graph(Activation activation) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nIn(4)
                                .nOut(5)
                                .activation(activation)
                                .build(),
                        "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(5)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static Records records() {
        return Records.of(
                new DataSet(Nd4j.linspace(-1, 1, 24).reshape(6, 4), Nd4j.eye(3).repeat(0, 2)));
    }

    private ComputeBackend on(Device device, boolean requested) {
        return ComputeBackend.on(new Devices.Chosen(device, "imitated"), requested, ProductPrecision.FP32, notes::add);
    }

    @Test
    void objectivesOfTheDeviceAreThoseOfTheCpuAndAreClosedWithIt() {
        ComputationGraph graph = graph(Activation.TANH);
        Device device = EmulatedDevices.plain();
        double onDevice;
        double[] theta;
        try (ComputeBackend backend = on(device, true)) {
            LowRankObjective objective = backend.objective(graph, records());
            assertTrue(objective instanceof PlannedObjective);
            theta = new double[objective.dimension()];
            Arrays.setAll(theta, i -> Math.sin(i) / 4);
            onDevice = objective.value(theta);
            assertSame(device, backend.device().orElseThrow());
        }
        assertThrows(IllegalStateException.class, device::finish, "closed with the backend");
        try (ComputeBackend cpu = ComputeBackend.cpu()) {
            // some 60 roundings of a mean near log 3, each of 2^-24
            assertEquals(cpu.objective(graph, records()).value(theta), onDevice, 60 * 0x1p-24 * 2);
        }
        assertEquals(List.of(), notes);
    }

    @Test
    void whatARequestedDeviceDoesNotSupportIsRefused() {
        try (ComputeBackend backend = on(EmulatedDevices.plain(), true)) {
            UnsupportedNetworkException refused = assertThrows(
                    UnsupportedNetworkException.class,
                    () -> backend.objective(graph(Activation.RATIONALTANH), records()));
            assertTrue(refused.getMessage().contains("hidden"), refused.getMessage());
        }
    }

    @Test
    void whatADeviceThatWasFoundDoesNotSupportIsComputedOnTheCpuAndNoted() {
        try (ComputeBackend backend = on(EmulatedDevices.plain(), false)) {
            assertTrue(backend.objective(graph(Activation.RATIONALTANH), records()) instanceof GraphObjective);
        }
        assertEquals(1, notes.size());
        assertTrue(notes.get(0).startsWith("By Deeplearning4j's own layers: "), notes.get(0));
    }

    @Test
    void faultsOfOtherKindsAreNotTakenForUnsupportedNetworks() {
        try (ComputeBackend backend = on(EmulatedDevices.plain(), false)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> backend.either(
                            device -> {
                                throw new IllegalArgumentException("a bug");
                            },
                            () -> "hidden by layers"));
        }
    }

    @Test
    void theCpuDoesNotRoundToTf32() {
        UnsupportedPrecisionException refused = assertThrows(
                UnsupportedPrecisionException.class,
                () -> ComputeBackend.open(Devices.Wanted.of(Devices.Choice.CPU), ProductPrecision.TF32, notes::add));
        assertEquals("precision must be fp32 or bf16 on the CPU, got tf32", refused.getMessage());
        try (ComputeBackend backend =
                ComputeBackend.open(Devices.Wanted.of(Devices.Choice.CPU), ProductPrecision.FP32, notes::add)) {
            assertTrue(backend.device().isEmpty());
            assertEquals("The CPU, as asked.", backend.sentence());
        }
        assertEquals(List.of(), notes);
    }
}
