/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.objective;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.OptionalInt;
import org.amend4j.cuda.device.ProductPrecision;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.observed.ObservedGraph.TrainingExtras;

/**
 * How an objective is computed on a device.
 *
 * @param precision of matrix products
 * @param extras what to do with dropout and the like
 * @param chunk examples at a time; without it as many as fit in 256 MiB
 */
@RecordBuilder
public record DeviceSettings(ProductPrecision precision, TrainingExtras extras, OptionalInt chunk)
        implements DeviceSettingsBuilder.With {

    /** Single precision, dropout and the like refused, chunks as large as fit. */
    public static final DeviceSettings DEFAULT =
            new DeviceSettings(ProductPrecision.FP32, TrainingExtras.REFUSE, OptionalInt.empty());

    public DeviceSettings {
        Checks.present("precision", precision);
        Checks.present("extras", extras);
        Checks.present("chunk", chunk);
        chunk.ifPresent(examples -> Checks.atLeast(1, "a chunk", examples));
    }

    public DeviceSettings withChunk(int examples) {
        return withChunk(OptionalInt.of(examples));
    }
}
