/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.data.BadInputException;
import org.amend4j.data.Labelled;
import org.amend4j.internal.model.StoredNormalizer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Means and standard deviations of a training's columns, kept with the adapter. */
final class Standardization {

    private static final String FILE = "normalizer.bin";

    private Standardization() {}

    /**
     * Those of rows.
     *
     * @param training without those that are held back
     */
    static StoredNormalizer of(Labelled training) {
        if (training.shape().length != 1) {
            throw new BadInputException("--standardize is for tables: pictures are parts of 1 already");
        }
        int columns = training.length();
        float[] row = new float[columns];
        double[] mean = new double[columns];
        double[] squares = new double[columns];
        for (int example = 0; example < training.size(); example++) {
            training.features(example, row, 0);
            for (int k = 0; k < columns; k++) {
                double step = row[k] - mean[k];
                mean[k] += step / (example + 1);
                squares[k] += step * (row[k] - mean[k]);
            }
        }
        for (int k = 0; k < columns; k++) {
            squares[k] = Math.sqrt(squares[k] / training.size());
        }
        return StoredNormalizer.standardizing(
                Nd4j.createFromArray(mean).castTo(DataType.FLOAT).reshape(1, columns),
                Nd4j.createFromArray(squares).castTo(DataType.FLOAT).reshape(1, columns));
    }

    static void write(StoredNormalizer normalizer, Path adapter) throws IOException {
        normalizer.writeAlone(adapter.resolve(FILE));
    }

    /** What an adapter's folder has, if it has some. */
    static Optional<StoredNormalizer> read(Path adapter) {
        Path file = adapter.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(StoredNormalizer.readAlone(file));
        } catch (IOException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }
}
