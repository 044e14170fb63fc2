/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.data.BadInputException;
import org.amend4j.lora.StartData;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.FactorTraining;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How the factors of adapters start, and how they are trained apart from the updater. */
final class FactorOptions {

    /** Examples that a start is made from. */
    private static final int EXAMPLES = 256;

    @Mixin
    private InitOption init = new InitOption();

    @Option(
            names = "--lora-plus",
            paramLabel = "RATIO",
            description = "LoRA+: the factor B learns so many times as fast as A, which learns at --lr; usually 16.")
    private @Nullable Double ratio;

    @Option(
            names = "--lora-fa",
            description = "LoRA-FA: the factor A stays as it starts, B's gradient is scaled for it.")
    private boolean loraFa;

    @Option(names = "--riemannian", description = "Precondition the gradient of each factor by the other one.")
    private boolean riemannian;

    /** @throws BadInputException if there is no such start */
    AdapterInit init() {
        return init.init();
    }

    /** @throws BadInputException if options do not go together */
    FactorTraining training() {
        if (ratio != null && !(ratio >= 1 && ratio < Double.POSITIVE_INFINITY)) {
            throw new BadInputException("--lora-plus must be >= 1 and finite, got " + ratio);
        }
        if (loraFa && riemannian) {
            throw new BadInputException("--lora-fa and --riemannian exclude each other: both replace B's gradient");
        }
        if (loraFa && ratio != null) {
            throw new BadInputException("--lora-plus and --lora-fa exclude each other: LoRA-FA does not train A");
        }
        FactorTraining plain = FactorTraining.PLAIN;
        if (loraFa) {
            plain = FactorTraining.loraFa();
        } else if (riemannian) {
            plain = FactorTraining.riemannian();
        }
        return ratio == null ? plain : plain.withRatio(ratio);
    }

    /** What is not as it is by default, and the numbers depend on. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        if (init.isSet()) {
            settings.put("--init", init().name());
        }
        FactorTraining training = training();
        if (training.ratio() != 1) {
            settings.put("--lora-plus", Double.toString(training.ratio()));
        }
        if (loraFa || riemannian) {
            settings.put("method", training.method().name());
        }
        return settings;
    }

    /** Refuses these options where there are no adapters. */
    void requireAdapters(boolean any) {
        if (!any && !settings().isEmpty()) {
            throw new BadInputException(
                    "--init, --lora-plus, --lora-fa and --riemannian are about adapters, and --targets leaves none");
        }
    }

    /**
     * Examples for a start.
     *
     * @param shuffled those that are trained on
     */
    static StartData data(DataSetIterator shuffled, DataType type) {
        List<DataSet> batches = new ArrayList<>();
        for (int taken = 0; taken < EXAMPLES && shuffled.hasNext(); taken += shuffled.batch()) {
            DataSet batch = shuffled.next();
            batch.setFeatures(batch.getFeatures().castTo(type));
            batch.setLabels(batch.getLabels().castTo(type));
            batches.add(batch);
        }
        return StartData.of(batches.toArray(DataSet[]::new));
    }
}
