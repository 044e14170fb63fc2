/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.amend4j.app.evaluation.Accuracy;
import org.amend4j.app.text.TextAnswers;
import org.amend4j.app.text.TokenExamples;
import org.amend4j.app.text.TokenLosses;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.AdapterScope;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** How well a model does on texts: by the loss of the next token, or of masked ones, or by classes. */
enum TextMeasure {
    NEXT_TOKEN {
        @Override
        TrainingTask.HeldBack heldBack(AdaptedModel adapted, TokenExamples held, int batch) {
            return losses(adapted, held, batch, "token");
        }
    },
    MASKED_TOKENS {
        @Override
        TrainingTask.HeldBack heldBack(AdaptedModel adapted, TokenExamples held, int batch) {
            return losses(adapted, held, batch, MASKED);
        }
    },
    CLASSES {
        @Override
        TrainingTask.HeldBack heldBack(AdaptedModel adapted, TokenExamples held, int batch) {
            Accuracy accuracy = TextAnswers.accuracy(adapted.graph(), held, batch);
            return new TrainingTask.HeldBack(
                    new AccuracyFacts(accuracy.examples(), accuracy.share(), accuracy.crossEntropy()),
                    String.format(
                            Locale.ROOT,
                            "%.1f %% of %d held-back texts right",
                            100 * accuracy.share(),
                            accuracy.examples()),
                    base(
                            adapted,
                            graph -> TextAnswers.accuracy(graph, held, batch),
                            (base, seconds) -> new BaseAccuracy(base.share(), base.crossEntropy(), seconds)));
        }
    };

    static final String MASKED = "masked token";

    /** The measures with the adapter and, on demand, without it. */
    abstract TrainingTask.HeldBack heldBack(AdaptedModel adapted, TokenExamples held, int batch);

    private static TrainingTask.HeldBack losses(AdaptedModel adapted, TokenExamples held, int batch, String token) {
        TokenLosses losses = TokenLosses.of(adapted.graph(), held, batch);
        return new TrainingTask.HeldBack(
                new LossFacts(losses.examples(), losses.tokens(), losses.loss(), losses.perplexity()),
                "held back: " + losses.sentence(token),
                base(
                        adapted,
                        graph -> TokenLosses.of(graph, held, batch),
                        (base, seconds) -> new BaseLosses(base.loss(), base.perplexity(), seconds)));
    }

    /**
     * Facts about the base alone.
     *
     * @param <T> what is measured
     */
    private interface Facts<T> {
        Object of(T measured, double seconds);
    }

    private static <T> Supplier<TrainingTask.Base> base(
            AdaptedModel adapted, Function<ComputationGraph, T> measure, Facts<T> facts) {
        return () -> {
            long start = System.nanoTime();
            try (AdapterScope off = adapted.disable()) {
                T measured = measure.apply(adapted.graph());
                return new TrainingTask.Base(facts.of(measured, (System.nanoTime() - start) / 1e9), Optional.empty());
            }
        };
    }

    /** For JSON. */
    private record LossFacts(
            int validationExamples, long validationTokens, double validationLoss, double validationPerplexity) {}

    /** For JSON. */
    private record BaseLosses(double loss, double perplexity, double seconds) {}

    /** For JSON. */
    private record AccuracyFacts(int validationExamples, double validationAccuracy, double validationCrossEntropy) {}

    /** For JSON. */
    private record BaseAccuracy(double accuracy, double crossEntropy, double seconds) {}
}
