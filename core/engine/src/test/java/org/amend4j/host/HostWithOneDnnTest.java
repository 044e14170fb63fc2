/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import org.amend4j.graph.Records;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.explain.LoraExplanation;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.FrozenContract;
import org.amend4j.machine.FrozenFactor;
import org.amend4j.machine.FrozenMatrix;
import org.amend4j.machine.Machine;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.ProductPrecision;
import org.amend4j.machine.RecordingContract;
import org.amend4j.model.BaseModel;
import org.amend4j.onednn.OneDnn;
import org.amend4j.onednn.PackedLayout;
import org.amend4j.plan.Arithmetic;
import org.amend4j.planned.PlannedTraining;
import org.bytedeco.javacpp.Loader;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** The host is a machine with oneDNN, too. On Linux x86-64 a dependency of these tests brings it. */
class HostWithOneDnnTest implements FrozenContract, RecordingContract {

    @BeforeEach
    void isThere() {
        boolean brought = Loader.getPlatform().equals("linux-x86_64");
        assertTrue(OneDnn.here().isPresent() || !brought, OneDnn::sentence);
        assumeTrue(OneDnn.here().isPresent(), OneDnn::sentence);
        boolean fast = PackedLayout.of(OneDnn.here().orElseThrow(), 64, 64, 64, ElementType.FLOAT)
                .map(layout -> {
                    layout.close();
                    return true;
                })
                .orElse(false);
        assumeTrue(fast, "oneDNN has no code of its own for this processor");
    }

    @Override
    public Machine open() {
        return HostMachine.open(2);
    }

    /** Blocks of columns are the same whoever computes them, so that bytes do not depend on the number of threads. */
    @Test
    void aDividedProductHasTheBytesOfTheWhole() {
        try (Machine machine = HostMachine.open(3);
                MachineArray rows = machine.allocate("rows", normal(1, 40 * 512));
                MachineArray stored = machine.allocate("stored", normal(2, 512 * 1030));
                MachineArray whole = machine.allocate("whole", ElementType.FLOAT, 40 * 1030);
                MachineArray divided = machine.allocate("divided", ElementType.FLOAT, 40 * 1030)) {
            for (ProductPrecision precision : machine.frozenPrecisions()) {
                FrozenMatrix matrix = new FrozenMatrix(stored, 512, 1030, false, 40, precision);
                try (FrozenFactor factor = machine.freeze("test", matrix)) {
                    factor.multiply(rows, whole, 40, 1, 0);
                    machine.fill(divided, 0);
                    machine.dividingProducts(() -> factor.multiply(rows, divided, 40, 1, 0));
                    assertArrayEquals(machine.downloadFloats(whole), machine.downloadFloats(divided));
                }
            }
        }
    }

    /** Otherwise the tests above would test OpenBLAS again. */
    @Test
    void largeMatricesArePackedAndTheirMemoryIsCounted() {
        try (Machine machine = open();
                MachineArray stored = machine.allocate("stored", normal(3, 128 * 128))) {
            long before = machine.bytesInUse();
            try (FrozenFactor factor =
                    machine.freeze("test", new FrozenMatrix(stored, 128, 128, true, 1000, ProductPrecision.FP32))) {
                assertEquals(PackedFactor.class, factor.getClass());
                assertTrue(machine.bytesInUse() >= before + 128 * 128 * Float.BYTES);
            }
            assertEquals(before, machine.bytesInUse());
        }
    }

    @Test
    void theBaseIsOnlyRead() {
        float[] content = normal(4, 300 * 200);
        try (Machine machine = open();
                MachineArray stored = machine.allocate("stored", content);
                MachineArray rows = machine.allocate("rows", normal(5, 7 * 300));
                MachineArray to = machine.allocate("to", ElementType.FLOAT, 7 * 200);
                FrozenFactor factor =
                        machine.freeze("test", new FrozenMatrix(stored, 300, 200, false, 7, ProductPrecision.FP32))) {
            factor.multiply(rows, to, 7, 1, 0);
            assertArrayEquals(content, machine.downloadFloats(stored));
        }
    }

    /** Other libraries of the process share OpenMP. */
    @Test
    void threadsOfOpenMpAreAsBefore() {
        NativeOps nd4j = NativeOpsHolder.getInstance().getDeviceNativeOps();
        int before = nd4j.ompGetMaxThreads();
        theBaseIsOnlyRead();
        assertEquals(before, nd4j.ompGetMaxThreads());
    }

    @Test
    void theMachineNamesTheLibraryBecauseBytesDependOnIt() {
        try (Machine machine = open()) {
            String version = OneDnn.here().orElseThrow().version();
            assertTrue(machine.name().contains("oneDNN " + version), machine.name());
        }
    }

    private static float[] normal(long seed, int length) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int k = 0; k < length; k++) {
            values[k] = (float) random.nextGaussian();
        }
        return values;
    }

    /**
     * Measured: a training holds the base's weights once for the forward pass and, but for the first layer's, once for the backward
     * pass, in blocks of up to 64 columns. What else it needs for four records is less than the first layer's would be.
     */
    @Test
    void aTrainingPacksTheWeightsOfTheBaseAsOftenAsItsExplanationSays() {
        for (int width : new int[] {300, 320, 1024}) {
            BaseModel base = BaseModel.of(dense(width));
            LoraConfig config = LoraConfig.of(1, 2);
            long said = LoraExplanation.of(base, config).base().mostPackedBytes();
            ComputationGraph graph = AdaptedModel.attach(
                            base,
                            config,
                            new FineTuneConfiguration.Builder()
                                    .updater(new Sgd(0.1))
                                    .build())
                    .graph();
            DataSet data = new DataSet(
                    Nd4j.createFromArray(normal(4, 4 * width)).reshape(new long[] {4, width}),
                    Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}, {1, 0}, {0, 1}}));
            try (Machine machine = open();
                    PlannedTraining training =
                            PlannedTraining.of(machine, graph, Records.of(data), 4, Arithmetic.SINGLE)) {
                training.step(new int[] {0, 1, 2, 3});
                double blocks = Math.pow((width + 63) / 64 * 64 / (double) width, 2);
                long used = machine.bytesInUse();
                assertTrue(used <= said * blocks, width + ": " + used + " of " + said);
                assertTrue(used >= said * 7 / 8.0, width + ": " + used + " of " + said);
            }
        }
    }

    private static ComputationGraph dense(int width) {
        var builder =
                new NeuralNetConfiguration.Builder().seed(1).graphBuilder().addInputs("in");
        String below = "in";
        for (int layer = 0; layer < 4; layer++) {
            builder.addLayer(
                    "dense" + layer,
                    new DenseLayer.Builder()
                            .nIn(width)
                            .nOut(width)
                            .activation(Activation.TANH)
                            .build(),
                    below);
            below = "dense" + layer;
        }
        builder.addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(width)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        below)
                .setOutputs("out");
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        return graph;
    }
}
