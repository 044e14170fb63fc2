/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Set;
import org.amend4j.internal.validation.Checks;

/**
 * How texts are continued.
 *
 * @param choice how the next token follows from logits
 * @param repetitionPenalty > 0: logits of tokens that the text has already, the prompt included, are divided by it if they are above 0,
 *     and multiplied if below (CTRL; Keskar et al., arXiv 1909.05858); 1 changes nothing
 * @param mostTokens how many tokens a text gets at most, >= 1
 * @param stopTokens ids that end a text, and are not part of it
 * @param suppressedTokens ids that are never chosen, such as those of a table's spare rows, which no token has
 * @param seed root of all draws; prompt i has draws of its own, whatever prompts are beside it
 */
public record GenerationRules(
        Choice choice,
        double repetitionPenalty,
        int mostTokens,
        Set<Integer> stopTokens,
        Set<Integer> suppressedTokens,
        long seed) {

    /** Checks the numbers. */
    public GenerationRules {
        Checks.present("choice", choice);
        Checks.positive("repetition penalty", repetitionPenalty);
        Checks.atLeast(1, "the number of tokens", mostTokens);
        stopTokens = Set.copyOf(stopTokens);
        suppressedTokens = Set.copyOf(suppressedTokens);
    }

    /** The most probable token each time; the text ends at one of the model's ends. */
    public static GenerationRules greedy(int mostTokens, Decoder decoder) {
        return new GenerationRules(
                new Choice.Greedy(),
                1,
                mostTokens,
                Set.copyOf(decoder.config().usableIds().ends()),
                Set.of(),
                1);
    }

    /** The same with another choice. */
    public GenerationRules withChoice(Choice other) {
        return new GenerationRules(other, repetitionPenalty, mostTokens, stopTokens, suppressedTokens, seed);
    }

    /** The same with another penalty. */
    public GenerationRules withRepetitionPenalty(double other) {
        return new GenerationRules(choice, other, mostTokens, stopTokens, suppressedTokens, seed);
    }

    /** The same with other stop tokens. */
    public GenerationRules withStopTokens(Set<Integer> other) {
        return new GenerationRules(choice, repetitionPenalty, mostTokens, other, suppressedTokens, seed);
    }

    /** The same with other suppressed tokens. */
    public GenerationRules withSuppressedTokens(Set<Integer> other) {
        return new GenerationRules(choice, repetitionPenalty, mostTokens, stopTokens, other, seed);
    }

    /** The same with another seed. */
    public GenerationRules withSeed(long other) {
        return new GenerationRules(choice, repetitionPenalty, mostTokens, stopTokens, suppressedTokens, other);
    }
}
