/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import org.amend4j.model.BaseModel;
import picocli.CommandLine.Option;

/** The model that is adapted. */
final class ModelOption {

    @Option(
            names = "--model",
            paramLabel = "ZIP",
            required = true,
            description = "ComputationGraph or MultiLayerNetwork, as ModelSerializer writes it.")
    private Path model = Path.of("");

    BaseModel open() {
        return Models.open(model);
    }
}
