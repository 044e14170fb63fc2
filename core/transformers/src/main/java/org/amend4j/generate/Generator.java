/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.amend4j.random.SplitMix64;

/**
 * Continues texts, several at once. Deterministic: the same prompts and rules give the same texts, on every machine, and a prompt's text
 * does not depend on the prompts behind it, nor, but for its number, on those before it.
 */
public final class Generator {

    private final TokenDecoder<?> decoder;

    /** Continues with this model. */
    public Generator(TokenDecoder<?> decoder) {
        this.decoder = decoder;
    }

    /** Continues one prompt with the base alone. */
    public Generation generate(List<Integer> prompt, GenerationRules rules) {
        return generate(List.of(Prompt.of(prompt)), rules, TokenListener.NONE).get(0);
    }

    /**
     * Continues prompts.
     *
     * @param listener hears of each token when it is chosen, in the order of prompts at every step, and can end a text
     * @return a text for each prompt, in their order
     * @throws IllegalArgumentException if a prompt has a token that the model does not have, is longer than its positions, or has an
     *     adapter of another model; or if a stop token or a suppressed one is none of the model's, or all are suppressed
     */
    public List<Generation> generate(List<Prompt> prompts, GenerationRules rules, TokenListener listener) {
        requireTokens("a stop token", rules.stopTokens());
        requireTokens("a suppressed token", rules.suppressedTokens());
        if (rules.suppressedTokens().size() == decoder.config().vocabulary()) {
            throw new IllegalArgumentException("a token must be left to choose, all are suppressed");
        }
        return generate(decoder, prompts, rules, listener);
    }

    private void requireTokens(String what, Set<Integer> tokens) {
        int vocabulary = decoder.config().vocabulary();
        for (int token : tokens) {
            if (token < 0 || token >= vocabulary) {
                throw new IllegalArgumentException(what + " must be in [0, " + vocabulary + "), got " + token);
            }
        }
    }

    private static <T extends GrowingTokens> List<Generation> generate(
            TokenDecoder<T> decoder, List<Prompt> prompts, GenerationRules rules, TokenListener listener) {
        List<Text<T>> texts = new ArrayList<>();
        try {
            for (int i = 0; i < prompts.size(); i++) {
                texts.add(new Text<>(decoder, prompts.get(i), i, rules, listener));
            }
            return generated(decoder, texts);
        } finally {
            texts.forEach(text -> decoder.end(text.sequence));
        }
    }

    private static <T extends GrowingTokens> List<Generation> generated(TokenDecoder<T> decoder, List<Text<T>> texts) {
        texts.forEach(Text::begin);
        List<Text<T>> open = new ArrayList<>(texts);
        while (true) {
            open.removeIf(text -> !text.choose());
            if (open.isEmpty()) {
                return texts.stream().map(Text::generation).toList();
            }
            List<float[]> logits = decoder.appendEach(
                    open.stream().map(text -> text.sequence).toList(),
                    open.stream().mapToInt(Text::last).toArray());
            for (int i = 0; i < open.size(); i++) {
                open.get(i).logits = logits.get(i);
            }
        }
    }

    /** A text on its way. */
    private static final class Text<T extends GrowingTokens> {

        private final TokenDecoder<T> decoder;
        private final Prompt prompt;
        private final int number;
        private final GenerationRules rules;
        private final TokenListener listener;
        private final T sequence;
        private final Sampler sampler;
        private final Set<Integer> seen;
        private final List<Integer> tokens = new ArrayList<>();
        private float[] logits = {};
        private Optional<Generation.End> end = Optional.empty();

        Text(TokenDecoder<T> decoder, Prompt prompt, int number, GenerationRules rules, TokenListener listener) {
            this.decoder = decoder;
            this.prompt = prompt;
            this.number = number;
            this.rules = rules;
            this.listener = listener;
            sequence = decoder.begin(prompt.adapter());
            sampler = new Sampler(rules, new SplitMix64(SplitMix64.draw(rules.seed(), number)));
            seen = new HashSet<>(prompt.tokens());
        }

        void begin() {
            logits = decoder.append(
                    sequence, prompt.tokens().stream().mapToInt(token -> token).toArray());
        }

        /** Gets a token from the logits; false if there is nothing to compute after it. */
        boolean choose() {
            int token = sampler.choose(logits, seen);
            if (rules.stopTokens().contains(token)) {
                end = Optional.of(Generation.End.STOP_TOKEN);
                return false;
            }
            tokens.add(token);
            seen.add(token);
            if (!listener.chosen(number, token)) {
                end = Optional.of(Generation.End.LISTENER);
            } else if (tokens.size() == rules.mostTokens()) {
                end = Optional.of(Generation.End.MOST_TOKENS);
            } else if (sequence.length() == decoder.config().longest()) {
                end = Optional.of(Generation.End.POSITIONS);
            }
            return end.isEmpty();
        }

        int last() {
            return tokens.get(tokens.size() - 1);
        }

        Generation generation() {
            return new Generation(tokens, end.orElseThrow());
        }
    }
}
