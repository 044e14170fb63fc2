/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import org.amend4j.backend.ProductPrecision;
import picocli.CommandLine.Option;

/** How matrices are multiplied. */
final class PrecisionOption {

    @Option(
            names = "--precision",
            paramLabel = "P",
            defaultValue = "fp32",
            description =
                    "What the factors of matrix products are rounded to: fp32 (not at all), tf32 or bf16. On the CPU bf16"
                            + " is for products with frozen weights, where oneDNN and the processor have it (default:"
                            + " ${DEFAULT-VALUE}).",
            order = 98)
    private ProductPrecision precision = ProductPrecision.FP32;

    ProductPrecision precision() {
        return precision;
    }
}
