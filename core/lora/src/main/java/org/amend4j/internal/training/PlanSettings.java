/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.OptionalInt;
import org.amend4j.backend.Arithmetic;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.TrainingExtras;

/**
 * How an objective is computed by plans.
 *
 * @param arithmetic types of numbers, and what products round
 * @param extras what to do with dropout and the like
 * @param chunk examples at a time; without it as many as the machine does best with
 */
@RecordBuilder
public record PlanSettings(Arithmetic arithmetic, TrainingExtras extras, OptionalInt chunk)
        implements PlanSettingsBuilder.With {

    /** Single precision, dropout and the like refused, chunks as large as is best. */
    public static final PlanSettings DEFAULT =
            new PlanSettings(Arithmetic.SINGLE, TrainingExtras.REFUSE, OptionalInt.empty());

    public PlanSettings {
        Checks.present("arithmetic", arithmetic);
        Checks.present("extras", extras);
        Checks.present("chunk", chunk);
        chunk.ifPresent(examples -> Checks.atLeast(1, "a chunk", examples));
    }

    public PlanSettings withChunk(int examples) {
        return withChunk(OptionalInt.of(examples));
    }
}
