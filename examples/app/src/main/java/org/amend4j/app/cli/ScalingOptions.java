/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import java.util.List;
import org.amend4j.app.forget.RowScaling;
import org.amend4j.data.ScaleFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is done to rows before a network sees them. */
final class ScalingOptions {

    @Option(
            names = "--scale",
            paramLabel = "FILE",
            description = "Scale every column of features by public constants: a CSV file with the header"
                    + " 'column,centre,width' for (x - centre)/width, or 'column,min,max' for a range that becomes [0, 1],"
                    + " with what is outside moved to its ends; and a line for each column, by name or number from 0. The"
                    + " constants are stored with the model and must not be derived from the data.")
    private @Nullable Path file;

    @Option(
            names = "--row-norm",
            paramLabel = "R",
            defaultValue = "0",
            description = "Then shorten rows to this norm (default: do not).")
    private double longest;

    /** @throws org.amend4j.data.BadInputException if the file is not as it should be */
    RowScaling of() {
        if (file == null) {
            return new RowScaling(List.of(), longest);
        }
        ScaleFile read = ScaleFile.read(file);
        return new RowScaling(
                read.lines().stream()
                        .map(line -> new RowScaling.Column(
                                line.column(),
                                line.first(),
                                read.hasRanges() ? line.second() - line.first() : line.second(),
                                read.hasRanges()))
                        .toList(),
                longest);
    }
}
