/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.amend4j.environment.Environment;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.ForwardingEnvironment;
import org.amend4j.environment.StepResult;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.PolicyScores;
import org.amend4j.rollout.Task;

/** One episode of a cart-pole as an SVG drawing that moves, without scripts, at the environment's 50 steps a second. */
final class CartPoleFilm {

    /** Steps between two pictures. */
    private static final int EVERY = 2;

    private static final double SECONDS_PER_STEP = 0.02;
    private static final double HALF_LENGTH = 0.5;
    private static final Pattern LENGTH = Pattern.compile("halfLength=([^&]+)");

    private CartPoleFilm() {}

    /**
     * The episode that the policy's most likely actions make from a start; empty if the environment is no cart-pole of the library.
     *
     * @param seed of the start
     */
    static Optional<String> of(Policy policy, EnvironmentSpec spec, double gamma, long seed) {
        if (!EnvironmentIds.name(spec.id()).startsWith("CartPole-")) {
            return Optional.empty();
        }
        EnvironmentSpec ending = EnvironmentIds.forEvaluation(spec);
        List<double[]> seen = new ArrayList<>();
        PolicyScores played = PolicyScores.of(
                policy,
                Task.of(ending.id(), () -> new Watched(ending.create(), seen)),
                1,
                true,
                gamma,
                ending.timeLimit().getAsInt(),
                seed);
        return Optional.of(drawing(seen, length(spec.id()), played.mean()));
    }

    /** Remembers what an environment shows. */
    private static final class Watched extends ForwardingEnvironment {

        private final List<double[]> seen;

        Watched(Environment environment, List<double[]> seen) {
            super(environment);
            this.seen = seen;
        }

        @Override
        public double[] reset(long seed) {
            double[] first = super.reset(seed);
            seen.add(first.clone());
            return first;
        }

        @Override
        public StepResult step(double... action) {
            StepResult result = super.step(action);
            seen.add(result.observation().clone());
            return result;
        }
    }

    private static double length(String id) {
        Matcher matcher = LENGTH.matcher(id);
        OptionalDouble half =
                matcher.find() ? OptionalDouble.of(Double.parseDouble(matcher.group(1))) : OptionalDouble.empty();
        return 2 * half.orElse(HALF_LENGTH);
    }

    /** In metres, 1 unit each; the track ends where the episode does. */
    private static String drawing(List<double[]> seen, double length, double reward) {
        String seconds = String.format(Locale.ROOT, "%.2f", Math.max(1, seen.size() - 1) * SECONDS_PER_STEP);
        String moves = values(seen, state -> state[0], "%.3f 0");
        String turns = values(seen, state -> Math.toDegrees(state[2]), "%.2f");
        return String.format(
                Locale.ROOT,
                """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="-2.6 %6$s 5.2 %7$s" width="100%%" style="max-width:760px;height:auto" \
            role="img" aria-label="An episode of the policy's most likely actions: return %1$s">
            <line x1="-2.4" y1="0.12" x2="2.4" y2="0.12" stroke="#6B7280" stroke-width="0.02" />
            <g><animateTransform attributeName="transform" type="translate" values="%2$s" dur="%4$ss" repeatCount="indefinite" />
            <rect x="-0.25" y="-0.1" width="0.5" height="0.2" rx="0.03" fill="#0072B2" />
            <g><animateTransform attributeName="transform" type="rotate" values="%3$s" dur="%4$ss" repeatCount="indefinite" />
            <line x1="0" y1="0" x2="0" y2="%5$s" stroke="#D55E00" stroke-width="0.07" stroke-linecap="round" /></g></g>
            <text x="-2.4" y="0.4" font-size="0.16" font-family="sans-serif" fill="#1F2937">most likely actions, return %1$s, %4$s s in real time</text>
            </svg>""",
                String.format(Locale.ROOT, "%.0f", reward),
                moves,
                turns,
                seconds,
                String.format(Locale.ROOT, "%.2f", -length),
                String.format(Locale.ROOT, "%.2f", -length - 0.5),
                String.format(Locale.ROOT, "%.2f", length + 1));
    }

    private static String values(List<double[]> seen, ToDoubleFunction<double[]> number, String format) {
        List<double[]> shown = new ArrayList<>();
        for (int t = 0; t < seen.size(); t += EVERY) {
            shown.add(seen.get(t));
        }
        return shown.stream()
                .map(state -> String.format(Locale.ROOT, format, number.applyAsDouble(state)))
                .collect(Collectors.joining(";"));
    }
}
