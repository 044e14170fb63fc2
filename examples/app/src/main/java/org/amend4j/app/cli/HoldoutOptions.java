/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.data.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** On which rows a model that forgets is evaluated. */
final class HoldoutOptions {

    @Option(
            names = "--holdout",
            paramLabel = "CSV",
            description = "Rows that no model was trained on, with the same columns: how many of them are got right.")
    private @Nullable Path holdout;

    @Option(
            names = "--retrained",
            description = "Also of a model that is trained now, in memory, without the forgotten; as dear as training.")
    private boolean retrained;

    Optional<Path> holdout() {
        if (holdout == null && retrained) {
            throw new BadInputException("--retrained is for an evaluation: --holdout names its rows");
        }
        return Optional.ofNullable(holdout);
    }

    boolean retrained() {
        return retrained;
    }
}
