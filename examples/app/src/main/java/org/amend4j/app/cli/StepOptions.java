/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.training.GradientNormLimit;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.training.TorchAdam;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import picocli.CommandLine.Option;

/** What a step of training does with the gradient. */
final class StepOptions {

    /** ADAM was Deeplearning4j's once: a run that began with it does not go on with another rule. */
    private static final String PYTORCH = "ADAM as PyTorch's";

    /** The updaters one can name. */
    enum Updater {
        ADAM,
        SGD
    }

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            defaultValue = "0.001",
            description = "Learning rate (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--updater",
            defaultValue = "adam",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Updater updater = Updater.ADAM;

    @Option(
            names = "--weight-decay",
            paramLabel = "D",
            defaultValue = "0",
            description =
                    "Part of every trained weight that a step takes away, times the learning rate, as AdamW does (default:"
                            + " ${DEFAULT-VALUE}).")
    private double decay;

    @Option(
            names = "--clip-norm",
            paramLabel = "C",
            description =
                    "Shorten the gradient of each layer's trained parameters to this norm where it is longer (default:"
                            + " never).")
    private @Nullable Double clipNorm;

    @Option(
            names = "--max-grad-norm",
            paramLabel = "C",
            description =
                    "Shorten the gradient of all trained parameters together to this norm where it is longer, before"
                            + " --clip-norm (default: never).")
    private @Nullable Double maxGradNorm;

    /** @throws BadInputException if a value breaks its rule */
    void check() {
        OptionRules.positive("--lr", rate);
        if (!(decay >= 0) || Double.isInfinite(decay) || !(decay * rate < 1)) {
            throw new BadInputException("--weight-decay must be >= 0 and, times --lr, < 1, got " + decay);
        }
        positive("--clip-norm", clipNorm);
        positive("--max-grad-norm", maxGradNorm);
    }

    private static void positive(String option, @Nullable Double value) {
        if (value != null) {
            OptionRules.positive(option, value);
        }
    }

    /** All of them, as the numbers depend on them. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("--lr", Double.toString(rate));
        settings.put("--updater", updater == Updater.ADAM ? PYTORCH : updater.name());
        settings.put("--weight-decay", Double.toString(decay));
        settings.put("--clip-norm", clipNorm == null ? "never" : clipNorm.toString());
        settings.put("--max-grad-norm", maxGradNorm == null ? "never" : maxGradNorm.toString());
        return settings;
    }

    FineTuneConfiguration configuration(long seed) {
        IUpdater rule = updater == Updater.ADAM ? new TorchAdam(rate) : new Sgd(rate);
        FineTuneConfiguration.Builder steps =
                new FineTuneConfiguration.Builder().seed(seed).updater(rule);
        if (decay > 0) {
            steps.weightDecay(decay, true);
        }
        if (clipNorm != null) {
            steps.gradientNormalization(GradientNormalization.ClipL2PerLayer).gradientNormalizationThreshold(clipNorm);
        }
        return steps.build();
    }

    /** Of the graph and of what is above its frozen layers: one of them is trained. */
    void limitGradients(AdaptedModel adapted) {
        if (maxGradNorm != null) {
            GradientNormLimit limit = new GradientNormLimit(maxGradNorm);
            adapted.graph().addListeners(limit);
            adapted.tail().addListeners(limit);
        }
    }
}
