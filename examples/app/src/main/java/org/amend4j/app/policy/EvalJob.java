/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.job.Report;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.policy.SavedPolicy;

/** Plays episodes with a saved policy. */
public final class EvalJob {

    private EvalJob() {}

    /**
     * Plays.
     *
     * @param base folder of the policy that it is an adapter of
     * @param environment another one than it was made for
     * @param surroundings where environments come from
     * @throws BadInputException if there is no such policy, or it cannot play there
     */
    public static Report run(
            Path folder,
            Optional<Path> base,
            Optional<String> environment,
            Surroundings surroundings,
            int episodes,
            double gamma,
            long seed) {
        SavedPolicy saved = SavedPolicies.open(folder, base);
        EnvironmentSpec spec = surroundings.spec(environment.orElse(saved.environment()));
        EpisodeScores scores;
        try {
            scores = EpisodeScores.of(saved.policy(), spec, episodes, gamma, seed);
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(String.valueOf(bad.getMessage()), bad);
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("policy", folder.toString());
        facts.put("environment", spec.id());
        facts.put("madeFor", saved.environment());
        facts.put("gamma", gamma);
        facts.put("seed", seed);
        facts.putAll(scores.facts());
        return new Report(facts, spec.id() + System.lineSeparator() + scores.text());
    }
}
