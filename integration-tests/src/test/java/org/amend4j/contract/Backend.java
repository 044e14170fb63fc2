/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.contract;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.amend4j.cuda.standin.StandIn;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.driver.CudaDevice;
import org.amend4j.internal.cuda.emulated.EmulatedDevice;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.RecordObjective;
import org.amend4j.testkit.Exhaustive;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** What computes. */
enum Backend {
    CPU,
    EMULATED,
    /** The first card or, on a machine without NVIDIA's driver, the code for cards against {@link StandIn}. */
    CUDA;

    private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");

    private static final CodeCache CODE = CodeCache.ofUser();

    /** An objective on a backend. */
    interface Opened extends AutoCloseable {
        RecordObjective objective();

        LowRankObjective lowRank();

        RecordObjective clipped(Clipping clipping);

        RecordObjective normalised(double normaliser, double weightDecay);

        @Override
        void close();
    }

    /** The stand-in takes long to compile, and the tests of module cuda try plans on it. */
    static List<Backend> tried() {
        return Exhaustive.on() ? List.of(values()) : List.of(CPU, EMULATED);
    }

    /** Skips the test if this machine does not have the backend, which CI must have. */
    void require() {
        if (this == CUDA && !Files.exists(DRIVER)) {
            StandIn.load();
        }
        Optional<String> missing = switch (this) {
            case CPU -> Optional.empty();
            case EMULATED -> EmulatedDevice.missing();
            case CUDA -> CudaDevice.missing();
        };
        if ("true".equals(System.getenv("CI"))) {
            missing.ifPresent(sentence -> fail("CI must test every backend. " + sentence));
        }
        assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    }

    /** A device, on backends that are one. */
    Device device() {
        require();
        return this == CUDA ? CudaDevice.open(0, CODE) : EmulatedDevice.open(CODE);
    }

    Opened open(ComputationGraph graph, Records data) {
        require();
        return this == CPU ? new OnHost(GraphObjective.of(graph, data)) : OnDevice.open(device(), graph, data);
    }

    private record OnHost(GraphObjective objective) implements Opened {
        @Override
        public LowRankObjective lowRank() {
            return objective;
        }

        @Override
        public RecordObjective clipped(Clipping clipping) {
            return objective.clipped(clipping);
        }

        @Override
        public RecordObjective normalised(double normaliser, double weightDecay) {
            return objective.withNormaliser(normaliser).withWeightDecay(weightDecay);
        }

        @Override
        public void close() {}
    }

    private record OnDevice(Device device, PlannedObjective objective) implements Opened {
        static OnDevice open(Device device, ComputationGraph graph, Records data) {
            try {
                return new OnDevice(device, PlannedObjective.of(device, graph, data, PlanSettings.DEFAULT));
            } catch (RuntimeException e) {
                device.close();
                throw e;
            }
        }

        @Override
        public LowRankObjective lowRank() {
            return objective;
        }

        @Override
        public RecordObjective clipped(Clipping clipping) {
            return objective.clipped(clipping);
        }

        @Override
        public RecordObjective normalised(double normaliser, double weightDecay) {
            return objective.withNormaliser(normaliser).withWeightDecay(weightDecay);
        }

        /** The device complains about what was not given back. */
        @Override
        public void close() {
            objective.close();
            device.close();
        }
    }
}
