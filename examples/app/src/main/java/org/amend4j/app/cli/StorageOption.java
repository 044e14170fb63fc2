/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Locale;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.data.BadInputException;
import picocli.CommandLine.Option;

/** What frozen weights are kept in. */
final class StorageOption {

    @Option(
            names = "--base-storage",
            paramLabel = "S",
            defaultValue = "fp32",
            description =
                    "What training keeps the frozen weights of layers in: fp32 (as they are), bf16, int8 or nf4 (a half, about a"
                            + " quarter and a seventh of the memory). The adapter is trained on the rounded"
                            + " weights; it is measured with, and merged into, the base as it is (default:"
                            + " ${DEFAULT-VALUE}).",
            order = 98)
    private WeightStorage storage = WeightStorage.FP32;

    WeightStorage storage() {
        return storage;
    }

    /** Whether they are kept as they are. */
    boolean isExact() {
        return storage == WeightStorage.FP32;
    }

    /** Refuses what cannot be had at once. */
    void check(ProductPrecision precision, Devices.Choice device) {
        if (!isExact() && precision != ProductPrecision.FP32 && device == Devices.Choice.CPU) {
            throw new BadInputException("--base-storage " + lower(storage)
                    + " is for products in fp32 on the CPU: leave --precision " + lower(precision) + " out");
        }
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
