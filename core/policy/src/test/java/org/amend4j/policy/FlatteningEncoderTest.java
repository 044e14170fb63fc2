/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.environment.Space;
import org.amend4j.random.SplitMix64;
import org.junit.jupiter.api.Test;

class FlatteningEncoderTest {

    /** {"inner": {"grid": MultiDiscrete[2, 3]}, "pose": Box of 2, "tool": Discrete 3}: as Gymnasium sorts them. */
    private static Space.Dict space() {
        Map<String, Space> parts = new LinkedHashMap<>();
        parts.put("inner", new Space.Dict(Map.of("grid", Space.MultiDiscrete.of(2, 3))));
        parts.put("pose", Space.Box.symmetric(1, 10));
        parts.put("tool", new Space.Discrete(3));
        return new Space.Dict(parts);
    }

    private static double[] encoded(ObservationEncoder encoder, double... observation) {
        double[] inputs = new double[encoder.size() + 2];
        encoder.encode(observation, inputs, 1);
        assertEquals(0, inputs[0]);
        assertEquals(0, inputs[inputs.length - 1]);
        return Arrays.copyOfRange(inputs, 1, inputs.length - 1);
    }

    /** Written down by hand from Gymnasium's rule: parts in order, one-hot for every index, boxes as they are. */
    @Test
    void anObservationIsFlattenedAsInGymnasium() {
        ObservationEncoder encoder = ObservationEncoder.of(space());
        assertEquals(5, encoder.observationSize());
        assertEquals(10, encoder.size());
        assertArrayEquals(new double[] {0, 1, 0, 0, 1, 0.5, -7, 1, 0, 0}, encoded(encoder, 1, 2, 0.5, -7, 0));
        assertArrayEquals(
                new double[] {0, 0, 1, 1, 0}, encoded(ObservationEncoder.of(Space.MultiDiscrete.of(3, 2)), 2, 0));
        assertEquals(new ObservationEncoder.AsIs(2), ObservationEncoder.of(Space.Box.symmetric(1, 1)));
        assertEquals(new ObservationEncoder.OneHot(4), ObservationEncoder.normalising(new Space.Discrete(4)));
        assertThrows(IllegalArgumentException.class, () -> encoded(encoder, 2, 2, 0.5, -7, 0));
    }

    @Test
    void onlyBoxesAreNormalisedAndAsByThemselves() {
        ObservationEncoder encoder = ObservationEncoder.normalising(space());
        NormalisingEncoder alone = new NormalisingEncoder(2);
        assertTrue(encoder.learns());
        SplitMix64 random = new SplitMix64(3);
        for (int batch = 0; batch < 3; batch++) {
            double[] observations = new double[0];
            double[] boxes = new double[0];
            for (int row = 0; row < 4; row++) {
                double[] point = space().sample(random);
                observations = joined(observations, point);
                boxes = joined(boxes, Arrays.copyOfRange(point, 2, 4));
            }
            encoder.learn(observations);
            alone.learn(boxes);
        }
        assertArrayEquals(alone.statistics(), encoder.statistics());
        double[] box = encoded(alone, 0.25, 3);
        assertArrayEquals(new double[] {1, 0, 0, 1, 0, box[0], box[1], 0, 0, 1}, encoded(encoder, 0, 1, 0.25, 3, 2));
    }

    private static double[] joined(double[] first, double[] second) {
        double[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test
    void copiesAndRefusedStatisticsChangeNothing() {
        ObservationEncoder encoder = new FlatteningEncoder(
                List.of(new NormalisingEncoder(1), new ObservationEncoder.OneHot(2), new NormalisingEncoder(1)));
        encoder.learn(new double[] {1, 0, 5, 2, 1, 9});
        double[] before = encoder.statistics();
        ObservationEncoder copy = encoder.copy();
        copy.learn(new double[] {100, 0, 100});
        assertArrayEquals(before, encoder.statistics());
        double[] bad = copy.statistics();
        bad[3] = -1; // the count of the second normaliser
        assertThrows(IllegalArgumentException.class, () -> encoder.setStatistics(bad));
        assertThrows(IllegalArgumentException.class, () -> encoder.setStatistics(new double[1]));
        assertArrayEquals(before, encoder.statistics());
        encoder.setStatistics(copy.statistics());
        assertArrayEquals(copy.statistics(), encoder.statistics());
        assertFalse(ObservationEncoder.of(space()).learns());
    }

    @Test
    void spacesThatDoNotFitAreRefused() {
        ObservationEncoder encoder = ObservationEncoder.of(space());
        encoder.requireFor(space());
        ObservationEncoder.normalising(space()).requireFor(space());
        assertThrows(IllegalArgumentException.class, () -> encoder.requireFor(Space.Box.symmetric(1, 1, 1, 1, 1)));
        assertThrows(
                IllegalArgumentException.class,
                () -> encoder.requireFor(
                        new Space.Dict(Map.of("a", Space.MultiDiscrete.of(2, 3), "b", new Space.Discrete(3)))));
        assertThrows(
                IllegalArgumentException.class,
                () -> ObservationEncoder.of(Space.MultiDiscrete.of(2, 3)).requireFor(Space.MultiDiscrete.of(3, 2)));
        assertThrows(IllegalArgumentException.class, () -> new NormalisingEncoder(1).requireFor(new Space.Discrete(5)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ObservationEncoder.OneHot(3).requireFor(Space.Box.symmetric(1)));
        assertThrows(IllegalArgumentException.class, () -> new FlatteningEncoder(List.of()));
    }
}
