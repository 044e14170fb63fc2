/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.util.List;
import java.util.Locale;
import org.amend4j.app.lora.Changes;
import org.amend4j.app.lora.Method;
import org.amend4j.app.lora.MethodTable;

/**
 * The demo's result.
 *
 * @param seed of weights and order
 * @param rows the methods
 * @param headToLora how answers to the test pictures differ between these two methods
 * @param reloaded what a second process got from the saved files
 * @param seconds of the whole job
 */
record DemoReport(long seed, List<Method> rows, Changes headToLora, Reloaded reloaded, double seconds) {

    /** For JSON. */
    record Facts(
            String model,
            String data,
            long seed,
            List<Method.Facts> methods,
            Changes headToLora,
            Reloaded secondProcess,
            double seconds) {}

    Facts facts() {
        return new Facts(
                "MobileNetV2 up to " + Backbone.LAST + ", " + FashionDemo.SIDE + " px",
                "Fashion-MNIST: first 6000 training and 1000 test pictures",
                seed,
                rows.stream().map(Method::facts).toList(),
                headToLora,
                reloaded,
                seconds);
    }

    String text() {
        StringBuilder text = new StringBuilder(MethodTable.of(rows));
        text.append(String.format(
                Locale.ROOT,
                "%nLoRA adapter reloaded in a second process: %.1f %% unmerged, %.1f %% merged into a plain network.%n",
                100 * reloaded.unmerged(),
                100 * reloaded.merged()));
        return text.append(String.format(Locale.ROOT, "The whole job took %.0f s.", seconds))
                .toString();
    }
}
