/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Locale;
import org.amend4j.app.demo.AdapterTraining;

/**
 * The demo's adapter, trained from pictures to accuracy.
 *
 * @param cost of the training above the frozen layers
 */
record DemoMeasurement(Scale.Pictures pictures, AdapterTraining.Result result, MinimumCost cost, Limits limits) {

    double floorSeconds() {
        return limits.floorMilliseconds(cost) / 1e3;
    }

    double fraction() {
        return floorSeconds() / result.trainingSeconds();
    }

    /** For JSON. */
    record Facts(
            String what,
            @JsonUnwrapped Size size,
            @JsonUnwrapped Found found,
            @JsonUnwrapped MinimumCost.Facts cost,
            double floorSeconds,
            double fraction) {}

    /** How much of it. */
    record Size(int pictures, int epochs, int testPictures) {}

    /** What came of it. */
    record Found(double frozenSecondsOnCpu, double trainingSeconds, double testAccuracy) {}

    Facts facts() {
        return new Facts(
                "LoRA on MobileNetV2, Fashion-MNIST, as in the demo",
                new Size(pictures.training(), pictures.epochs(), pictures.test()),
                new Found(result.frozenSeconds(), result.trainingSeconds(), result.accuracy()),
                cost.facts(),
                floorSeconds(),
                fraction());
    }

    /** A line for the table, and what does not fit there. */
    String text() {
        return String.format(
                Locale.ROOT,
                "%-18s %-33s %10.0f %10.3f %6.1f %%%n%nThe demo's frozen layers took %.1f s on the CPU; %.1f %% of %d test"
                        + " pictures right.%n",
                "demo, training",
                pictures.training() + " pictures, epochs: " + pictures.epochs(),
                1e3 * result.trainingSeconds(),
                1e3 * floorSeconds(),
                100 * fraction(),
                result.frozenSeconds(),
                100 * result.accuracy(),
                pictures.test());
    }
}
