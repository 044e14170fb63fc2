/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.util.List;
import java.util.Locale;
import org.amend4j.app.lora.Changes;

/**
 * The demo's result.
 *
 * @param seed of weights and order
 * @param rows the methods
 * @param headToLora how answers to the test pictures differ between these two methods
 * @param reloaded what a second process got from the saved files
 * @param seconds of the whole job
 */
record DemoReport(long seed, List<Row> rows, Changes headToLora, Reloaded reloaded, double seconds) {

    /** For JSON. */
    record Facts(
            String model,
            String data,
            long seed,
            List<Row.Facts> methods,
            Changes headToLora,
            Reloaded secondProcess,
            double seconds) {}

    Facts facts() {
        return new Facts(
                "MobileNetV2 up to " + Backbone.LAST + ", " + FashionDemo.SIDE + " px",
                "Fashion-MNIST: first 6000 training and 1000 test pictures",
                seed,
                rows.stream().map(Row::facts).toList(),
                headToLora,
                reloaded,
                seconds);
    }

    String text() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%n%-17s %9s %12s %10s %8s %7s%n",
                "",
                "test acc.",
                "parameters",
                "on disk",
                "s/epoch",
                "epochs"));
        for (Row row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-17s %7.1f %% %,12d %7.1f kB %8.1f %7d%n",
                    row.method(),
                    100 * row.accuracy(),
                    row.parameters(),
                    row.bytes() / 1e3,
                    row.secondsPerEpoch(),
                    row.seconds().size()));
        }
        text.append('\n');
        for (Row row : rows) {
            text.append(String.format(Locale.ROOT, "%-17s trains %s%n", row.method(), row.trained()));
        }
        text.append(String.format(
                Locale.ROOT,
                "%nLoRA adapter reloaded in a second process: %.1f %% unmerged, %.1f %% merged into a plain network.%n",
                100 * reloaded.unmerged(),
                100 * reloaded.merged()));
        return text.append(String.format(Locale.ROOT, "The whole job took %.0f s.", seconds))
                .toString();
    }
}
