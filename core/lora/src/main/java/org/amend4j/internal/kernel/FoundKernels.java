/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.kernel;

import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** The look-up of {@link LoraKernels}, made on first use. */
final class FoundKernels {

    private static final Logger LOG = LogManager.getLogger(LoraKernels.class);

    static final Optional<LoraKernels> KERNELS =
            first(ServiceLoader.load(LoraKernels.class, LoraKernels.class.getClassLoader()));

    private FoundKernels() {}

    /** The first provider that works. What those before it say is logged; one that cannot be loaded ends the search. */
    static Optional<LoraKernels> first(Iterable<LoraKernels> providers) {
        try {
            for (LoraKernels kernels : providers) {
                Optional<String> reason = kernels.unavailable();
                if (reason.isEmpty()) {
                    LOG.info("LoRA layers use {}", kernels.getClass().getSimpleName());
                    return Optional.of(kernels);
                }
                LOG.info("LoRA layers use ND4J's operations only: {}", reason.get());
            }
        } catch (ServiceConfigurationError | LinkageError e) {
            LOG.warn("LoRA layers use ND4J's operations only: faster ones cannot be loaded ({})", e.toString());
        }
        return Optional.empty();
    }
}
