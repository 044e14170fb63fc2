/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.data.BadInputException;
import org.amend4j.generate.Choice;
import org.amend4j.generate.Decoder;
import org.amend4j.generate.GenerationDefaults;
import org.amend4j.generate.GenerationRules;
import org.amend4j.text.Tokenizer;
import picocli.CommandLine.Option;

/** How the next token is chosen, and when a text ends. */
final class GenerationOptions {

    @Option(names = "--tokens", paramLabel = "N", description = "Most tokens that a text gets (default: 256).")
    private int tokens = 256;

    @Option(
            names = "--greedy",
            description =
                    "The most probable token each time; so it is without any of the next three, unless the model's"
                            + " generation_config.json draws.")
    private boolean greedy;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Draw tokens from softmax(logits / T) (default where tokens are drawn: 1).")
    private Optional<Double> temperature = Optional.empty();

    @Option(names = "--top-k", paramLabel = "K", description = "Draw from the K most probable tokens only.")
    private Optional<Integer> topK = Optional.empty();

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Draw only from the fewest tokens that have the probability P together.")
    private Optional<Double> topP = Optional.empty();

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            description =
                    "Divide the logits of tokens that the text already has by R where they are above 0, and multiply them where"
                            + " they are below (default: generation_config.json's, else 1, which changes nothing).")
    private Optional<Double> penalty = Optional.empty();

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description =
                    "What ends a text and is left out: a token as the vocabulary spells it, such as '<|im_end|>', or any text; may be"
                            + " repeated. The tokens of the model's generation_config.json, or else config.json, end it anyway.")
    private List<String> stops = List.of();

    @Option(names = "--seed", paramLabel = "N", description = "Root of what is drawn (default: 1).")
    private Optional<Long> seed = Optional.empty();

    /** @throws BadInputException if an option breaks its rule or does not belong to the others */
    void check() {
        if (greedy && draws()) {
            throw new BadInputException("--greedy excludes --temperature, --top-k and --top-p, which draw tokens");
        }
        OptionRules.atLeast(1, "--tokens", tokens);
        penalty.ifPresent(value -> OptionRules.positive("--repetition-penalty", value));
        if (stops.contains("")) {
            throw new BadInputException("--stop must not be empty");
        }
        temperature.ifPresent(value -> OptionRules.positive("--temperature", value));
        topK.ifPresent(value -> OptionRules.atLeast(1, "--top-k", value));
        if (topP.isPresent() && !(topP.get() > 0 && topP.get() <= 1)) {
            throw new BadInputException("--top-p must be > 0 and <= 1, got " + topP.get());
        }
    }

    private boolean draws() {
        return temperature.isPresent() || topK.isPresent() || topP.isPresent();
    }

    /**
     * What was {@linkplain #check checked}, for a model and its tokenizer.
     *
     * @param defaults where no option says otherwise
     * @param end a token that ends an answer, too
     */
    GenerationRules rules(Decoder decoder, Tokenizer tokenizer, GenerationDefaults defaults, Optional<String> end) {
        Choice choice = choice(defaults.choice());
        if (choice instanceof Choice.Greedy && seed.isPresent()) {
            throw new BadInputException(
                    "--seed is for tokens that are drawn: give --temperature, --top-k or --top-p, too");
        }
        Set<Integer> ends = new HashSet<>(defaults.ends());
        stops.forEach(stop -> tokenizer.id(stop).ifPresent(ends::add));
        end.ifPresent(token -> tokenizer.id(token).ifPresent(ends::add));
        Set<Integer> spare = IntStream.range(0, decoder.config().vocabulary())
                .filter(id -> !tokenizer.isToken(id))
                .boxed()
                .collect(Collectors.toSet());
        return new GenerationRules(
                choice, penalty.orElse(defaults.repetitionPenalty()), tokens, ends, spare, seed.orElse(1L));
    }

    /** Texts that end a text; of special tokens, which texts do not show, the token does. */
    List<String> stops(Tokenizer tokenizer) {
        return stops.stream()
                .filter(stop -> tokenizer.id(stop).stream().noneMatch(tokenizer::isSpecial))
                .toList();
    }

    private Choice choice(Choice otherwise) {
        if (greedy) {
            return new Choice.Greedy();
        }
        if (!draws()) {
            return otherwise;
        }
        Choice.Sampling rest = otherwise instanceof Choice.Sampling drawn ? drawn : new Choice.Sampling(1, 0, 1);
        return new Choice.Sampling(
                temperature.orElse(rest.temperature()), topK.orElse(rest.topK()), topP.orElse(rest.topP()));
    }
}
