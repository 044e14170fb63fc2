/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.planned;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.OptionalInt;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.observed.ObservedGraph.TrainingExtras;
import org.amend4j.machine.ProductPrecision;

/**
 * How an objective is computed on a device.
 *
 * @param precision of matrix products
 * @param extras what to do with dropout and the like
 * @param chunk examples at a time; without it as many as fit in 256 MiB
 */
@RecordBuilder
public record PlanSettings(ProductPrecision precision, TrainingExtras extras, OptionalInt chunk)
        implements PlanSettingsBuilder.With {

    /** Single precision, dropout and the like refused, chunks as large as fit. */
    public static final PlanSettings DEFAULT =
            new PlanSettings(ProductPrecision.FP32, TrainingExtras.REFUSE, OptionalInt.empty());

    public PlanSettings {
        Checks.present("precision", precision);
        Checks.present("extras", extras);
        Checks.present("chunk", chunk);
        chunk.ifPresent(examples -> Checks.atLeast(1, "a chunk", examples));
    }

    public PlanSettings withChunk(int examples) {
        return withChunk(OptionalInt.of(examples));
    }
}
