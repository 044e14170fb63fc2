/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.backend;

import java.util.Locale;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.onednn.OneDnn;

/** A precision of matrix products was requested that the CPU does not have, or not for this. */
public final class UnsupportedPrecisionException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private UnsupportedPrecisionException(String message) {
        super(message);
    }

    /** What the CPU has, and what it would take to have more. */
    static UnsupportedPrecisionException onTheCpu(ProductPrecision precision) {
        boolean inReach = precision == ProductPrecision.BF16;
        String rule = inReach
                ? "precision can be bf16 on the CPU only with oneDNN and a processor with AVX512-BF16 or AMX; there is "
                        + OneDnn.here().map(OneDnn::toString).orElse("no oneDNN: " + OneDnn.sentence())
                : "precision must be fp32 or bf16 on the CPU, got " + lower(precision);
        return new UnsupportedPrecisionException(rule);
    }

    /** Guarantees are about a function computed in one precision. */
    static UnsupportedPrecisionException ofObjectives(ProductPrecision precision) {
        return new UnsupportedPrecisionException("precision must be fp32 on the CPU where steps carry guarantees, got "
                + lower(precision) + "; it is for training adapters");
    }

    /** Nobody can mean both. */
    static UnsupportedPrecisionException ofDoubles(ProductPrecision precision) {
        return new UnsupportedPrecisionException(
                "precision must be fp32 for a network in DOUBLE on the CPU, got " + lower(precision));
    }

    private static String lower(ProductPrecision precision) {
        return precision.name().toLowerCase(Locale.ROOT);
    }
}
