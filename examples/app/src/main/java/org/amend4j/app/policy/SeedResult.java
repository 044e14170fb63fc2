/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.StreamSupport;

/**
 * What became of one seed, as far as a report speaks of it; {@code result.json} has more.
 *
 * @param seed the root of the run's random numbers
 * @param work what it took
 * @param returns of the trained policy, if it was evaluated
 * @param policy where it is
 * @param bestOrLast which of the policies that were evaluated was kept, in a sentence; empty if there was no choice
 * @param warnings a sentence each
 */
record SeedResult(
        long seed,
        Work work,
        Optional<Returns> returns,
        String policy,
        Optional<String> bestOrLast,
        List<String> warnings) {

    /**
     * What a run took.
     *
     * @param updates of the policy
     * @param steps of the environment
     */
    record Work(long updates, long steps, double seconds, double stepsPerSecond) {}

    /**
     * Mean returns.
     *
     * @param sampled of drawn actions, over the episodes that were played
     * @param exact the same from tables, if there are any
     * @param greedy of the most likely actions
     */
    record Returns(double sampled, OptionalDouble exact, double greedy) {

        /** Of drawn actions as well as it is known. */
        double drawn() {
            return exact.orElse(sampled);
        }
    }

    /**
     * From {@code result.json}.
     *
     * @throws IllegalArgumentException if one is missing
     */
    static SeedResult of(JsonNode result) {
        return new SeedResult(
                number(result, "/seed").longValue(),
                new Work(
                        number(result, "/updates").longValue(),
                        number(result, "/steps").longValue(),
                        number(result, "/seconds").doubleValue(),
                        number(result, "/stepsPerSecond").doubleValue()),
                result.has("evaluation") ? Optional.of(returns(result)) : Optional.empty(),
                result.path("policy").asText(),
                Optional.of(result.at("/bestOrLast/sentence").asText()).filter(sentence -> !sentence.isEmpty()),
                StreamSupport.stream(result.path("warnings").spliterator(), false)
                        .map(JsonNode::asText)
                        .toList());
    }

    private static Returns returns(JsonNode result) {
        JsonNode exact = result.at("/evaluation/exactReturn");
        return new Returns(
                number(result, "/evaluation/sampled/return").doubleValue(),
                exact.isNumber() ? OptionalDouble.of(exact.doubleValue()) : OptionalDouble.empty(),
                number(result, "/evaluation/greedy/return").doubleValue());
    }

    private static JsonNode number(JsonNode result, String place) {
        JsonNode number = result.at(place);
        if (!number.isNumber()) {
            throw new IllegalArgumentException("a seed's result must have the number " + place + ", got "
                    + (number.isMissingNode() ? "none" : number));
        }
        return number;
    }
}
