/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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

    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("what", "LoRA on MobileNetV2, Fashion-MNIST, as in the demo");
        facts.put("pictures", pictures.training());
        facts.put("epochs", pictures.epochs());
        facts.put("testPictures", pictures.test());
        facts.put("frozenSecondsOnCpu", result.frozenSeconds());
        facts.put("trainingSeconds", result.trainingSeconds());
        facts.put("testAccuracy", result.accuracy());
        facts.put("flops", cost.flops());
        facts.put("bytes", cost.bytes());
        facts.put("floorSeconds", floorSeconds());
        facts.put("fraction", fraction());
        return facts;
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
