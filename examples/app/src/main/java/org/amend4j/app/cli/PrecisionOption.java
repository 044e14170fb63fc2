/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import org.amend4j.machine.ProductPrecision;
import picocli.CommandLine.Option;

/** How a device multiplies. */
final class PrecisionOption {

    @Option(
            names = "--precision",
            paramLabel = "P",
            defaultValue = "fp32",
            description =
                    "What the factors of a device's matrix products are rounded to: fp32 (not at all), tf32 or bf16;"
                            + " the CPU has fp32 only (default: ${DEFAULT-VALUE}).",
            order = 98)
    private ProductPrecision precision = ProductPrecision.FP32;

    ProductPrecision precision() {
        return precision;
    }
}
