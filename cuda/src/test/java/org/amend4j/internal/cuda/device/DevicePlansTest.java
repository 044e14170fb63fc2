/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.MachineException;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.LawDevices;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.testkit.RandomGraph;
import org.amend4j.testkit.SmallTransformer;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Plans on devices that run out of memory, and what steps of training wait for. */
class DevicePlansTest {

    /** Memory that ends after k allocations, for every k up to the one that is enough. */
    @Test
    void aDeviceThatIsTooSmallIsLeftAsItWas() {
        RandomGraph random = RandomGraph.of(4);
        Records data = Records.of(random.data());
        double[] theta = GraphObjective.of(random.graph(), data).parameters();
        int failures = 0;
        for (int allocations = 0; ; allocations++) {
            try (Device device = new ScarceDevice(EmulatedDevices.plain(), allocations)) {
                double[] gradient = new double[theta.length];
                try (PlannedObjective objective =
                        PlannedObjective.of(device, random.graph(), data, PlanSettings.DEFAULT)) {
                    objective.value(theta);
                    objective.valueAndGradient(
                            theta, gradient, new double[objective.adapters().size()]);
                    objective.clipped(Clipping.perRecord(1)).valueAndGradient(theta, gradient);
                    break;
                } catch (MachineException tooSmall) {
                    failures++;
                    assertEquals(0, device.bytesInUse(), "after " + allocations + " allocations: " + tooSmall);
                }
            }
        }
        assertTrue(failures > 10, "every allocation failed once, " + failures);
    }

    /** What waits: copies to the device and from it, and waiting itself. */
    private static final class WaitingCounter extends ScarceDevice {
        private int waits;

        WaitingCounter(Device device) {
            super(device, Integer.MAX_VALUE);
        }

        @Override
        protected void copyIn(ByteBuffer from, long address, long bytes) {
            waits++;
            super.copyIn(from, address, bytes);
        }

        @Override
        protected void copyOut(long address, ByteBuffer to, long bytes) {
            waits++;
            super.copyOut(address, to, bytes);
        }

        @Override
        protected void await() {
            waits++;
            super.await();
        }
    }

    /** Which sources are loaded. */
    private static final class SourceCollector extends ScarceDevice {
        private final int architecture;
        private final Set<String> sources = new TreeSet<>();

        SourceCollector(int architecture) {
            super(EmulatedDevices.plain(), Integer.MAX_VALUE);
            this.architecture = architecture;
        }

        @Override
        public int architecture() {
            return architecture;
        }

        @Override
        protected LoadedCode loadCode(KernelSource source) {
            sources.add(source.name());
            return super.loadCode(source);
        }
    }

    @ParameterizedTest(name = "{0}, {1}: {2}")
    @CsvSource({
        "FP32, 90, row_attention",
        "TF32, 80, row_attention_tf32",
        "BF16, 90, row_attention_bf16",
        "TF32, 75, row_attention",
        "BF16, 75, row_attention"
    })
    void attentionIsMadeInThePrecisionOfProductsFromCapability80On(
            ProductPrecision precision, int architecture, String expected) {
        ComputationGraph graph = SmallTransformer.graph(DataType.FLOAT);
        Records records = Records.of(SmallTransformer.data(DataType.FLOAT, 2));
        try (SourceCollector device = new SourceCollector(architecture);
                PlannedTraining training =
                        PlannedTraining.of(device, graph, records, 2, Arithmetic.single(precision))) {
            training.step(0, 1);
            assertEquals(
                    List.of(expected),
                    device.sources.stream()
                            .filter(name -> name.startsWith("row_attention"))
                            .toList());
        }
    }

    @Test
    void stepsOfAWalkBegunAgainWaitForNothingAndThoseOfAWalkBegunAnewDo() {
        int[] order = IntStream.range(0, 8).toArray();
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.01))
                .graphBuilder()
                .addInputs("in")
                .addLayer("out", new OutputLayer.Builder().nIn(3).nOut(2).build(), "in")
                .setOutputs("out")
                .build());
        graph.init();
        DataSet data = new DataSet(Nd4j.ones(8, 3), Nd4j.ones(8, 2).muli(0.5));
        try (WaitingCounter device = new WaitingCounter(LawDevices.plain());
                PlannedTraining training =
                        PlannedTraining.of(device, graph, Records.of(data), order.length, Arithmetic.SINGLE)) {
            training.begin(order);
            training.next(); // what is compiled and recorded is so now
            int before = device.waits;
            for (int walk = 0; walk < 3; walk++) {
                training.beginAgain();
                training.next();
            }
            assertEquals(before, device.waits);
            training.begin(order);
            assertTrue(device.waits > before);
        }
    }
}
