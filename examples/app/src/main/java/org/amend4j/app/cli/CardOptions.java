/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import java.util.Optional;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.cuda.cost.Assumptions;
import org.amend4j.internal.cuda.cost.Call;
import org.amend4j.internal.cuda.cost.Card;
import org.amend4j.internal.cuda.cost.Prediction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** For which card a step is predicted. */
final class CardOptions {

    @Option(
            names = "--card",
            paramLabel = "CARD",
            description =
                    "Predict a step of training with Adam on this card from its data sheet: ${COMPLETION-CANDIDATES}. No"
                            + " card is needed, and nothing is measured.")
    private @Nullable Card card;

    @Option(
            names = "--precision",
            paramLabel = "P",
            description = "What the factors of the card's products are rounded to: fp32 (default), tf32 or bf16.")
    private @Nullable ProductPrecision precision;

    @Option(
            names = "--base-storage",
            paramLabel = "S",
            description = "What the card keeps the frozen weights of layers in: fp32 (default), bf16, int8 or nf4.")
    private @Nullable WeightStorage storage;

    @Option(
            names = "--dense",
            paramLabel = "LxW",
            description =
                    "Instead of a MODEL: L dense layers of width W with adapters of --rank, and an output layer that"
                            + " trains, as bench measures them.")
    private @Nullable String dense;

    /** @throws BadInputException if there are options for a prediction, but no card */
    void requireConsistent() {
        if (card == null && (precision != null || storage != null || dense != null)) {
            String given = dense != null ? "--dense" : precision != null ? "--precision" : "--base-storage";
            throw new BadInputException(given + " is for a prediction: give --card as well");
        }
    }

    Optional<Card> card() {
        return Optional.ofNullable(card);
    }

    ProductPrecision precision() {
        return precision == null ? ProductPrecision.FP32 : precision;
    }

    /** What a step is computed with. */
    Arithmetic arithmetic() {
        return Arithmetic.single(precision()).keeping(storage == null ? WeightStorage.FP32 : storage);
    }

    Optional<DenseShape> dense() {
        return Optional.ofNullable(dense).map(DenseShape::of);
    }

    Prediction predict(List<Call> calls) {
        return Prediction.of(calls, card().orElseThrow(), precision(), Assumptions.USUAL);
    }
}
