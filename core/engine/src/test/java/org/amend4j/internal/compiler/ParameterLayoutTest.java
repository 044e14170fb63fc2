/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Values;
import org.amend4j.internal.network.Values.Slice;
import org.junit.jupiter.api.Test;

/** Where parameters lie on a machine that wants them aligned, and where they are not moved. */
class ParameterLayoutTest {

    private static final int ALIGNMENT = 64;
    private static final Slice BIAS = new Slice(2, 7);
    private static final Slice A = new Slice(9, 6);
    private static final Slice B = new Slice(15, 14);
    private static final Slice GAIN = new Slice(29, 130);
    private static final Slice PART_OF_GAIN = new Slice(40, 5);
    /** Before the bias and behind the gain are numbers that nothing reads. */
    private static final int PARAMETERS = 162;

    private static Network network() {
        Values weight = Values.Constant.computed("weight", 21, () -> new double[21]);
        return new Network(
                List.of(
                        new Node("in", new Operation.Input(0), List.of(), Shape.features(3)),
                        new Node(
                                "dense",
                                new Operation.Product(
                                        weight,
                                        Optional.of(BIAS),
                                        Optional.empty(),
                                        Optional.of(new LowRank(A, B, 2, 1, 0)),
                                        Activation.of(Activation.Kind.IDENTITY)),
                                List.of(0),
                                Shape.features(7)),
                        new Node(
                                "norm",
                                new Operation.LayerNorm(GAIN, Optional.of(PART_OF_GAIN), 0),
                                List.of(1),
                                Shape.features(7))),
                PARAMETERS,
                List.of(new Network.InputFormat(Shape.features(3), false, Network.Content.NUMBERS)),
                List.of(2));
    }

    private static double[] vector() {
        return new Random(5).doubles(PARAMETERS).toArray();
    }

    @Test
    void slices_begin_at_multiples_and_keep_their_order() {
        ParameterLayout layout = ParameterLayout.of(network(), ALIGNMENT);
        double[] vector = vector();
        double[] there = layout.placed(vector);
        long end = 0;
        for (Slice slice : List.of(BIAS, A, B, GAIN)) {
            long place = layout.place(slice.offset());
            assertEquals(0, place % ALIGNMENT, slice.toString());
            assertEquals(true, place >= end, slice.toString());
            end = place + slice.length();
            assertArrayEquals(
                    Arrays.copyOfRange(vector, (int) slice.offset(), (int) (slice.offset() + slice.length())),
                    Arrays.copyOfRange(there, (int) place, (int) end));
        }
        assertEquals(layout.place(GAIN.offset()) + 11, layout.place(PART_OF_GAIN.offset()), "a slice within another");
        assertEquals(there.length, layout.length());
    }

    @Test
    void nothing_is_lost_and_between_the_pieces_are_zeros() {
        ParameterLayout layout = ParameterLayout.of(network(), ALIGNMENT);
        double[] vector = vector();
        double[] there = layout.placed(vector);
        assertArrayEquals(vector, layout.packed(there));
        assertEquals(
                PARAMETERS, Arrays.stream(there).filter(number -> number != 0).count());
        assertThrows(IllegalArgumentException.class, () -> layout.placed(new double[PARAMETERS - 1]));
    }

    /** A machine's memory is not cleared: what no step writes must be, or norms of everything would be anything. */
    @Test
    void what_is_between_is_cleared_on_the_machine_and_nothing_else() {
        ParameterLayout layout = ParameterLayout.of(network(), ALIGNMENT);
        try (HostMachine machine = HostMachine.open();
                MachineArray array = machine.allocate("gradient", ElementType.DOUBLE, layout.length())) {
            machine.fill(array, Double.NaN);
            layout.clearBetween(array);
            double[] there = machine.downloadDoubles(array);
            assertEquals(PARAMETERS, Arrays.stream(there).filter(Double::isNaN).count());
            double[] ones = layout.placed(
                    IntStream.range(0, PARAMETERS).mapToDouble(k -> 1).toArray());
            for (int k = 0; k < there.length; k++) {
                assertEquals(ones[k] == 1, Double.isNaN(there[k]), "element " + k);
            }
        }
    }

    @Test
    void a_range_has_its_elements_and_what_is_between_them() {
        ParameterLayout layout = ParameterLayout.of(network(), ALIGNMENT);
        try (HostMachine machine = HostMachine.open();
                MachineArray array = machine.allocate("parameters", layout.placed(vector()))) {
            assertArrayEquals(Arrays.copyOfRange(vector(), 15, 29), machine.downloadDoubles(layout.slice(array, B)));
            assertEquals(
                    ALIGNMENT + 6, layout.range(array, BIAS.offset(), 7 + 6).length());
            assertEquals(layout.length(), layout.range(array, 0, PARAMETERS).length());
            String message = assertThrows(IllegalStateException.class, () -> layout.slice(array, new Slice(10, 7)))
                    .getMessage();
            assertEquals("Slice[offset=10, length=7] is in several pieces on " + machine.name(), message);
        }
    }

    /** The processor's memory: policies of a few numbers would be mostly zeros. */
    @Test
    void a_machine_that_does_not_care_has_the_vector_itself() {
        try (HostMachine machine = HostMachine.open()) {
            ParameterLayout layout = ParameterLayout.of(network(), machine.parameterAlignment());
            double[] vector = vector();
            assertSame(vector, layout.placed(vector));
            assertSame(vector, layout.packed(vector));
            assertEquals(PARAMETERS, layout.length());
            assertEquals(15, layout.place(15));
        }
    }
}
