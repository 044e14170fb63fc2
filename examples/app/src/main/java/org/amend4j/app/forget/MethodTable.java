/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.unlearn.Prospect;
import org.amend4j.unlearn.ReleaseNoise;
import org.amend4j.unlearn.UnlearningMethod;

/**
 * The methods of a plan side by side: cost, noise, privacy, and bounds on the retained loss.
 *
 * @param prospects methods and what they promise
 * @param epsilon of a release with noise
 * @param delta of a release with noise
 */
record MethodTable(Prospects prospects, double epsilon, double delta) {

    /**
     * A method for JSON.
     *
     * @param way its name
     * @param seconds empty if nobody measured them
     * @param sigma of its noise
     * @param epsilon of its release
     */
    record Way(
            String way,
            int steps,
            long recordGradients,
            OptionalDouble seconds,
            OptionalDouble sigma,
            double epsilon,
            List<Prospects.Promised> bounds) {}

    Way facts(UnlearningMethod method) {
        double seconds = method.cost().seconds();
        Optional<ReleaseNoise> noise = method.releaseNoise();
        return new Way(
                method.name(),
                method.cost().steps(),
                method.cost().recordGradients(),
                Double.isNaN(seconds) ? OptionalDouble.empty() : OptionalDouble.of(seconds),
                noise.stream().mapToDouble(one -> one.noise().sigma()).findFirst(),
                noise.isPresent() ? epsilon : 0,
                prospects.facts(method));
    }

    /** For people. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "methods, cheapest first, epsilon at delta %.3g; loss and gradient: the most that is left on the retained records"
                        + " (%s):",
                delta,
                Prospects.PRIVATE));
        lines.add(String.format(
                Locale.ROOT,
                "  %-18s %7s %12s %9s %10s %8s %11s %11s",
                "",
                "steps",
                "gradients",
                "seconds",
                "sigma",
                "epsilon",
                "loss",
                "gradient"));
        prospects.plan().methods().forEach(method -> lines.addAll(lines(method)));
        prospects
                .loss()
                .ifPresentOrElse(
                        seen -> lines.add(String.format(
                                Locale.ROOT,
                                "  the least loss is between %.6g and %.6g; (priced only): another algorithm or a shorter"
                                        + " training than the model's",
                                seen.bracket().lowest(),
                                seen.bracket().known())),
                        () -> lines.add("  nothing is promised of the loss: " + prospects.reason()));
        return lines;
    }

    private List<String> lines(UnlearningMethod method) {
        Optional<ReleaseNoise> noise = method.releaseNoise();
        String costs = String.format(
                Locale.ROOT,
                "  %-18s %7d %12d %9s %10s %8s",
                method.name(),
                method.cost().steps(),
                method.cost().recordGradients(),
                Double.isNaN(method.cost().seconds())
                        ? "-"
                        : String.format(Locale.ROOT, "%.2g", method.cost().seconds()),
                noise.map(one -> String.format(Locale.ROOT, "%.4g", one.noise().sigma()))
                        .orElse("none"),
                noise.isPresent() ? String.format(Locale.ROOT, "%.3g", epsilon) : "0");
        String only = method.isPricedOnly() ? " (priced only)" : "";
        List<Prospect> promised = prospects.of(method);
        if (promised.isEmpty()) {
            return List.of(costs + String.format(Locale.ROOT, " %11s %11s", "-", "-") + only);
        }
        List<String> lines = new ArrayList<>();
        for (Prospect prospect : promised) {
            String begin = lines.isEmpty() ? costs : " ".repeat(costs.length());
            lines.add(begin + " " + Prospects.columns(prospect, noise.isPresent()) + "  " + prospect.assurance()
                    + (lines.isEmpty() ? only : ""));
        }
        return lines;
    }
}
