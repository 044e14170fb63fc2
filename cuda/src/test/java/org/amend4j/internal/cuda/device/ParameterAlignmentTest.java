/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.MachineException;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Values;
import org.amend4j.internal.network.Values.Slice;
import org.junit.jupiter.api.Test;

/** A factor behind a bias of odd length, read by 16 bytes on a device. */
class ParameterAlignmentTest {

    private static final KernelSource LOAD = KernelSource.of("load", """
            extern "C" __global__ void load(const float *from, float *to) {
                *reinterpret_cast<float4 *>(to) = *reinterpret_cast<const float4 *>(from);
            }
            """);

    private static final Slice BIAS = new Slice(0, 7);
    private static final Slice A = new Slice(7, 6);
    private static final Slice B = new Slice(13, 14);
    private static final int PARAMETERS = 27;

    private static Network network() {
        return new Network(
                List.of(
                        new Node("in", new Operation.Input(0), List.of(), Shape.features(3)),
                        new Node(
                                "dense",
                                new Operation.Product(
                                        Values.Constant.computed("weight", 21, () -> new double[21]),
                                        Optional.of(BIAS),
                                        Optional.empty(),
                                        Optional.of(new LowRank(A, B, 2, 1, 0)),
                                        Activation.of(Activation.Kind.IDENTITY)),
                                List.of(0),
                                Shape.features(7))),
                PARAMETERS,
                List.of(new Network.InputFormat(Shape.features(3), false, Network.Content.NUMBERS)),
                List.of(1));
    }

    private static void load(Device device, MachineArray from) {
        try (MachineArray to = device.allocate("four", new float[4])) {
            device.load(LOAD).launch("load", new LaunchShape(1, 1, 32, 0), Argument.in(from), Argument.out(to));
        }
    }

    @Test
    void everySliceIsReadByVectorsAndTheVectorComesBackAsItWas() {
        double[] theta =
                new Random(3).ints(PARAMETERS, -100, 100).asDoubleStream().toArray();
        try (Device device = EmulatedDevices.plain();
                PlanSession session = PlanSession.open(device, network(), Arithmetic.SINGLE, 2)) {
            session.setParameters(theta);
            for (MachineArray whole : List.of(session.parameters(), session.gradient())) {
                for (Slice slice : network().slices()) {
                    load(device, session.layout().range(whole, slice.offset(), slice.length()));
                }
            }
            assertArrayEquals(theta, session.readParameters());
        }
    }

    /** The twin. */
    @Test
    void whereTheyLieInTheVectorTheyAreNot() {
        try (Device device = EmulatedDevices.plain();
                MachineArray packed = device.allocate("packed", new float[PARAMETERS])) {
            load(device, packed.slice(BIAS.offset(), BIAS.length()));
            String message = assertThrows(
                            MachineException.class, () -> load(device, packed.slice(A.offset(), A.length())))
                    .getMessage();
            assertTrue(message.contains("reads 16 bytes at once"), message);
        }
    }
}
