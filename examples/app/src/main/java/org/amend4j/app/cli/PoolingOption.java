/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Optional;
import org.amend4j.data.BadInputException;
import org.amend4j.transformer.Pooling;
import picocli.CommandLine.Option;

/** What a classifier of texts reads. */
final class PoolingOption {

    @Option(
            names = "--pooling",
            paramLabel = "KIND",
            description =
                    "Of classes of texts: how the rows of tokens become one in front of the classifier, ${COMPLETION-CANDIDATES}"
                            + " (default: Hugging Face's way, the first token's row through the model's pooler). What is"
                            + " learned on another is evaluated, and not merged to a folder.")
    private Optional<Pooling> pooling = Optional.empty();

    Optional<Pooling> pooling() {
        return pooling;
    }

    /** Refuses it where no classes are learned. */
    void requireNone() {
        if (pooling.isPresent()) {
            throw new BadInputException("--pooling is for classes of texts");
        }
    }
}
