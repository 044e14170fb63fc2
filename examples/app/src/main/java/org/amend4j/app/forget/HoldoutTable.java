/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.amend4j.app.job.Progress;
import org.amend4j.audit.ModelOutputs;
import org.amend4j.data.BadInputException;
import org.amend4j.service.UnlearningService;
import org.amend4j.unlearn.RewindToDelete;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.DataSet;

/** Rows that no model was trained on, and how many of them the models of a folder get right. */
final class HoldoutTable {

    private final ForgetfulFolder folder;
    private final DataSet rows;

    private HoldoutTable(ForgetfulFolder folder, DataSet rows) {
        this.folder = folder;
        this.rows = rows;
    }

    /**
     * Reads a table with the columns that the folder's model was trained on.
     *
     * @throws BadInputException naming what is wrong with it
     */
    static HoldoutTable read(ForgetfulFolder folder, Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException("--holdout: there is no file " + file);
        }
        return new HoldoutTable(
                folder,
                SubjectTable.read(
                                file,
                                folder.settings().table(),
                                folder.network().configuration())
                        .all());
    }

    /**
     * How well a model does.
     *
     * @param accuracy share of rows with the right class as the most probable one
     * @param crossEntropy mean loss
     */
    record Score(int rows, double accuracy, double crossEntropy) {

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.2f %% right, cross-entropy %.4f", 100 * accuracy, crossEntropy);
        }
    }

    /** Of the newest release. */
    Score released() {
        UnlearningService service = folder.service();
        return of(folder.network().released(service.release(service.latestRelease())));
    }

    /** Of a model that is trained now, in memory, without all who were forgotten. */
    Score retrained(Progress progress) {
        if (folder.isEmpirical()) {
            throw new BadInputException("--retrained: nobody knows where the adopted model's training began");
        }
        Assembly assembly = folder.assembly();
        RewindToDelete run = assembly.model().run();
        try (Progress.Stage stage = progress.stage("retraining in memory", 1)) {
            double[] theta = run.run(
                    assembly.model().start(),
                    run.recipe().steps(),
                    folder.service().deleted());
            stage.step(1);
            return of(folder.network().with(assembly.problem(), theta));
        }
    }

    private Score of(ComputationGraph graph) {
        ModelOutputs outputs = AuditJob.outputs(graph, rows);
        double[][] probabilities = outputs.probabilities();
        double[][] labels = rows.getLabels().toDoubleMatrix();
        int right = 0;
        for (int row = 0; row < labels.length; row++) {
            right += best(probabilities[row]) == best(labels[row]) ? 1 : 0;
        }
        return new Score(
                labels.length,
                (double) right / labels.length,
                Arrays.stream(outputs.losses()).average().orElseThrow());
    }

    /** The most probable class, of two where there is one output. */
    private static int best(double[] row) {
        if (row.length == 1) {
            return row[0] > 0.5 ? 1 : 0;
        }
        int best = 0;
        for (int k = 1; k < row.length; k++) {
            best = row[k] > row[best] ? k : best;
        }
        return best;
    }
}
