package org.amend4j.cuda.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.device.Device;
import org.amend4j.objective.GraphObjective;
import org.amend4j.objective.Records;
import org.amend4j.testkit.RandomGraph;
import org.junit.jupiter.api.Test;

class DeviceObjectiveTest {

    @Test
    void theGradientIsTheReferences() {
        try (Device device = EmulatedDevices.checking()) {
            for (long seed = 0; seed < 40; seed++) {
                RandomGraph random = RandomGraph.of(seed);
                Records data = Records.of(random.data());
                GraphObjective reference = GraphObjective.of(random.graph(), data);
                double[] theta = reference.parameters();
                double[] expected = new double[theta.length];
                double value = reference.valueAndGradient(theta, expected);
                try (DeviceObjective objective =
                        DeviceObjective.of(device, random.graph(), data, DeviceSettings.DEFAULT)) {
                    double[] actual = new double[theta.length];
                    assertEquals(
                            value, objective.valueAndGradient(theta, actual), 1e-5 * Math.abs(value), "seed " + seed);
                    assertTrue(error(expected, actual) < 1e-5, "seed " + seed + ": " + error(expected, actual));
                    assertEquals(value, objective.value(theta), 1e-5 * Math.abs(value));
                }
            }
        }
    }

    private static double error(double[] expected, double[] actual) {
        double difference = 0;
        double norm = 0;
        for (int k = 0; k < expected.length; k++) {
            difference += Math.pow(expected[k] - actual[k], 2);
            norm += Math.pow(expected[k], 2);
        }
        return Math.sqrt(difference / norm);
    }
}
