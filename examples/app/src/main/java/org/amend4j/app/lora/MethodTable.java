/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.util.List;
import java.util.Locale;
import org.amend4j.chart.Chart;

/** Ways to adapt a network side by side. */
public final class MethodTable {

    private MethodTable() {}

    /** A line for each with the result and what it cost, and one with what it trains. */
    public static String of(List<Method> methods) {
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
        for (Method method : methods) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-17s %7.1f %% %,12d %7.1f kB %8.1f %7d%n",
                    method.method(),
                    100 * method.accuracy(),
                    method.parameters(),
                    method.bytes() / 1e3,
                    method.secondsPerEpoch(),
                    method.seconds().size()));
        }
        text.append('\n');
        for (Method method : methods) {
            text.append(String.format(Locale.ROOT, "%-17s trains %s%n", method.method(), method.trained()));
        }
        return text.toString();
    }

    /** Accuracy against seconds of training, a line each; seconds are logarithmic, since methods differ a hundredfold. */
    public static Chart chart(String title, String seconds, String accuracy, List<Method> methods) {
        Chart chart = Chart.of(title, seconds, accuracy).logX();
        for (Method method : methods) {
            double[] at = method.seconds().stream().mapToDouble(x -> x).toArray();
            double[] percent = method.accuracies().stream()
                    .mapToDouble(share -> 100 * share)
                    .toArray();
            for (int epoch = 1; epoch < at.length; epoch++) {
                at[epoch] += at[epoch - 1];
            }
            chart = chart.line(
                    String.format(Locale.ROOT, "%s, %,d parameters", method.method(), method.parameters()),
                    at,
                    percent);
        }
        return chart;
    }
}
