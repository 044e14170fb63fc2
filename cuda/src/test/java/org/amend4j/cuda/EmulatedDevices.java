/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.emulated.EmulatedDevice;

/** Emulated devices for tests. Without a compiler tests are skipped with a sentence, but never in CI. */
public final class EmulatedDevices {

    private static final CodeCache CACHE = CodeCache.ofUser();

    private EmulatedDevices() {}

    /** One that runs each kernel in several orders of threads. */
    public static Device checking() {
        require();
        return EmulatedDevice.checkingOrders(CACHE);
    }

    /** One that runs each kernel once. */
    public static Device plain() {
        require();
        return EmulatedDevice.open(CACHE);
    }

    /** Skips the test where there is no compiler, and fails in CI. */
    public static void require() {
        Optional<String> missing = EmulatedDevice.missing();
        if ("true".equals(System.getenv("CI"))) {
            missing.ifPresent(sentence -> fail("CI must test the kernels. " + sentence));
        }
        assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    }
}
