/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.backend;

import java.util.Locale;
import org.amend4j.machine.ProductPrecision;

/** A precision of matrix products was requested that the CPU does not have. */
public final class UnsupportedPrecisionException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    UnsupportedPrecisionException(ProductPrecision precision) {
        super("precision must be fp32 on the CPU, got " + precision.name().toLowerCase(Locale.ROOT));
    }
}
