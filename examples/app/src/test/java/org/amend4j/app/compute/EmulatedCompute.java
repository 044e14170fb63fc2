/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import org.amend4j.app.job.Progress;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.cuda.backend.ComputeBackend;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.emulated.EmulatedDevice;

/** The emulated device for tests. Without a compiler tests are skipped with a sentence, but never in CI. */
public final class EmulatedCompute {

    private EmulatedCompute() {}

    /** As with {@code --device emulated}. */
    public static Compute askedFor(ProductPrecision precision) {
        return open(true, precision, new StringWriter());
    }

    /** As with {@code --device auto} where there is a card; what is said goes to {@code said}. */
    static Compute found(StringWriter said) {
        return open(false, ProductPrecision.FP32, said);
    }

    /** Skips a test where there is none. */
    public static void require() {
        Optional<String> missing = EmulatedDevice.missing();
        if ("true".equals(System.getenv("CI"))) {
            missing.ifPresent(sentence -> fail("CI must test devices. " + sentence));
        }
        assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    }

    private static Compute open(boolean askedFor, ProductPrecision precision, StringWriter said) {
        require();
        EmulatedDevice device = EmulatedDevice.open(CodeCache.ofUser());
        Progress progress = Progress.to(new PrintWriter(said));
        Devices.Chosen chosen = new Devices.Chosen(device, "emulated");
        return new Compute(ComputeBackend.on(chosen, askedFor, precision, progress::say), progress);
    }
}
