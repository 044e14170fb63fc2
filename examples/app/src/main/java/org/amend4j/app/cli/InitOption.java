/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import org.amend4j.data.BadInputException;
import org.amend4j.lora.config.AdapterInit;
import picocli.CommandLine.Option;

/** How the factors of adapters start. */
final class InitOption {

    @Option(
            names = "--init",
            paramLabel = "NAME",
            defaultValue = "default",
            description =
                    "How adapters start: default, gaussian, orthogonal, pissa, pissa_niter_K, olora, or made from 256"
                            + " training examples: eva, corda, lora_ga (default: default).")
    private String init = "default";

    /** @throws BadInputException if there is no such start */
    AdapterInit init() {
        try {
            return AdapterInit.named(init);
        } catch (IllegalArgumentException unknown) {
            throw new BadInputException("--init: " + unknown.getMessage(), unknown);
        }
    }

    /** Whether it was not left as it is by default. */
    boolean isSet() {
        return !init().equals(AdapterInit.DEFAULT);
    }
}
