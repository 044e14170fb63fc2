/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.unlearn.Prospect;
import org.amend4j.unlearn.ReleaseNoise;
import org.amend4j.unlearn.UnlearningMethod;

/**
 * The ways of a plan side by side: cost, noise, privacy, and bounds on the retained loss.
 *
 * @param prospects ways and what they promise
 * @param epsilon of a release with noise
 * @param delta of a release with noise
 */
record WayTable(Prospects prospects, double epsilon, double delta) {

    /** For JSON, of one way. */
    Map<String, Object> facts(UnlearningMethod way) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("way", way.name());
        facts.put("steps", way.cost().steps());
        facts.put("recordGradients", way.cost().recordGradients());
        if (!Double.isNaN(way.cost().seconds())) {
            facts.put("seconds", way.cost().seconds());
        }
        noise(way).ifPresent(noise -> facts.put("sigma", noise.noise().sigma()));
        facts.put("epsilon", noise(way).isPresent() ? epsilon : 0);
        facts.put("bounds", prospects.facts(way));
        return facts;
    }

    private static Optional<ReleaseNoise> noise(UnlearningMethod way) {
        if (way instanceof UnlearningMethod.NoisyRewind noisy) {
            return Optional.of(noisy.noise());
        }
        return way instanceof UnlearningMethod.DescentToDelete descent
                ? Optional.of(descent.noise())
                : Optional.empty();
    }

    /** For people. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "ways, cheapest first, epsilon at delta %.3g; loss and gradient: the most that is left on the retained records"
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
        prospects.plan().ways().forEach(way -> lines.addAll(lines(way)));
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

    private List<String> lines(UnlearningMethod way) {
        Optional<ReleaseNoise> noise = noise(way);
        String costs = String.format(
                Locale.ROOT,
                "  %-18s %7d %12d %9s %10s %8s",
                way.name(),
                way.cost().steps(),
                way.cost().recordGradients(),
                Double.isNaN(way.cost().seconds())
                        ? "-"
                        : String.format(Locale.ROOT, "%.2g", way.cost().seconds()),
                noise.map(one -> String.format(Locale.ROOT, "%.4g", one.noise().sigma()))
                        .orElse("none"),
                noise.isPresent() ? String.format(Locale.ROOT, "%.3g", epsilon) : "0");
        String only = way instanceof UnlearningMethod.ColdRun || way instanceof UnlearningMethod.DescentToDelete
                ? " (priced only)"
                : "";
        List<Prospect> promised = prospects.of(way);
        if (promised.isEmpty()) {
            return List.of(costs + String.format(Locale.ROOT, " %11s %11s", "-", "-") + only);
        }
        List<String> lines = new ArrayList<>();
        for (Prospect prospect : promised) {
            String begin = lines.isEmpty() ? costs : " ".repeat(costs.length());
            lines.add(begin + " " + Prospects.columns(prospect, noise.isPresent()) + "  " + prospect.evidence()
                    + (lines.isEmpty() ? only : ""));
        }
        return lines;
    }
}
