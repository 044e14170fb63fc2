/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.files.WholeFolder;
import org.amend4j.app.lora.Checkpoints;
import org.amend4j.data.BadInputException;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Where a training's result goes. */
final class TrainedFolder {

    private TrainedFolder() {}

    /**
     * Writes it, whole or not at all.
     *
     * @param graph that was trained
     * @throws BadInputException if the last step diverged, which no loss has seen; no checkpoint is left then
     */
    static void write(Path out, WholeFile.Writer result, ComputationGraph graph, Checkpoints checkpoints)
            throws IOException {
        try {
            WholeFolder.write(out, result);
        } catch (IllegalArgumentException refused) {
            if (BaseModel.isFinite(graph.params())) {
                throw refused;
            }
            checkpoints.remove();
            throw new BadInputException(Failures.sentence(refused) + ": a smaller --lr may help", refused);
        }
    }
}
