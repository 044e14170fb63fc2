/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.unlearn.ReleaseNoise;
import org.amend4j.unlearn.UnlearningMethod;

/**
 * The methods of a plan side by side: cost, noise, privacy, and bounds on the retained loss.
 *
 * @param prospects methods and what they promise
 * @param epsilon of a release with noise
 * @param delta of a release with noise
 * @param taken the one that is taken by default
 */
record MethodTable(Prospects prospects, double epsilon, double delta, Optional<UnlearningMethod> taken) {

    /**
     * A method for JSON.
     *
     * @param way its name
     * @param seconds empty if they were not measured
     * @param sigma of its noise, per parameter
     * @param noiseNorm of its noise, σ√d
     * @param epsilon of its release
     * @param taken whether it is the one that is taken by default
     */
    record Way(
            String way,
            int steps,
            long recordGradients,
            OptionalDouble seconds,
            OptionalDouble sigma,
            OptionalDouble noiseNorm,
            double epsilon,
            boolean taken,
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
                noise.stream().mapToDouble(one -> one.noise().norm()).findFirst(),
                noise.isPresent() ? epsilon : 0,
                taken.equals(Optional.of(method)),
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
        prospects.plan().methods().forEach(method -> lines.add(line(method)));
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

    private String line(UnlearningMethod method) {
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
        String promised = prospects
                .of(method)
                .map(prospect -> Prospects.columns(prospect, noise.isPresent()) + "  " + prospect.assurance())
                .orElseGet(() -> String.format(Locale.ROOT, "%11s %11s", "-", "-"));
        String only = method.isPricedOnly() ? " (priced only)" : "";
        String mark = taken.equals(Optional.of(method)) ? "  <- unlearn delete" : "";
        return costs + " " + promised + only + mark;
    }
}
