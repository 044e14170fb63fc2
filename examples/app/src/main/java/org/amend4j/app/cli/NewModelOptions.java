/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.amend4j.checkpoint.AttentionShape;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.DecoderFamily;
import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.checkpoint.RotaryEmbedding;
import org.amend4j.checkpoint.RotaryScaling;
import org.amend4j.checkpoint.SpecialIds;
import org.amend4j.data.BadInputException;
import picocli.CommandLine.Option;

/** How large a new Llama is. */
final class NewModelOptions {

    private static final double THETA = 10_000;
    private static final double EPSILON = 1e-5;

    @Option(
            names = "--vocabulary",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Tokens, the 256 bytes and the end of texts included (default: ${DEFAULT-VALUE}).")
    private int vocabulary;

    @Option(
            names = "--width",
            paramLabel = "N",
            defaultValue = "128",
            description = "Numbers in a token's row (default: ${DEFAULT-VALUE}).")
    private int width;

    @Option(names = "--layers", paramLabel = "N", defaultValue = "4", description = "Default: ${DEFAULT-VALUE}.")
    private int layers;

    @Option(
            names = "--heads",
            paramLabel = "N",
            defaultValue = "4",
            description = "Heads of attention, a divisor of --width (default: ${DEFAULT-VALUE}).")
    private int heads;

    @Option(
            names = "--key-value-heads",
            paramLabel = "N",
            defaultValue = "2",
            description = "Heads of keys and values, a divisor of --heads (default: ${DEFAULT-VALUE}).")
    private int keyValueHeads;

    @Option(
            names = "--feed-forward",
            paramLabel = "N",
            defaultValue = "344",
            description = "Numbers between the matrices of a feed-forward part (default: ${DEFAULT-VALUE}).")
    private int feedForward;

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "256",
            description = "Tokens that the model sees (default: ${DEFAULT-VALUE}).")
    private int context;

    /** Tokens that it sees. */
    int context() {
        return context;
    }

    /** Tokens that there are. */
    int vocabulary() {
        return vocabulary;
    }

    /**
     * The model's configuration.
     *
     * @param tokens of its tokenizer
     * @param end the token that ends texts
     * @throws BadInputException if sizes break a rule
     */
    DecoderConfig config(int tokens, int end) {
        OptionRules.atLeast(1, "--heads", heads);
        OptionRules.atLeast(1, "--context", context);
        if (width % heads != 0) {
            throw new BadInputException("--width must be a multiple of --heads, got " + width + " and " + heads);
        }
        try {
            return new DecoderConfig(
                    DecoderFamily.LLAMA,
                    tokens,
                    width,
                    feedForward,
                    layers,
                    new AttentionShape(heads, keyValueHeads, width / heads, false, false, Optional.empty()),
                    new RotaryEmbedding(THETA, new RotaryScaling.None()),
                    context,
                    EPSILON,
                    HiddenActivation.SILU,
                    false,
                    true,
                    new SpecialIds(OptionalInt.empty(), List.of(end)));
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }
}
