/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import org.amend4j.app.forget.ForgettingSettings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a table of persons is read. */
final class TableOptions {

    @Option(
            names = {"--label", "--labels"},
            paramLabel = "COLUMN",
            defaultValue = "-1",
            description = "The class's column, by name or number from 0 (default: ${DEFAULT-VALUE}, the last).")
    private String label = "";

    @Option(
            names = "--owner",
            paramLabel = "COLUMN",
            defaultValue = "",
            description =
                    "The column that says whose a row is, who may ask to be forgotten (default: every row is somebody,"
                            + " named by its number from 1).")
    private String owner = "";

    @Option(
            names = "--classes",
            paramLabel = "NAME",
            split = ",",
            description = "The classes in the order of the model's outputs (default: those found in the data).")
    private List<String> classes = List.of();

    @Mixin
    private ScalingOptions scaling = new ScalingOptions();

    /** @throws IllegalArgumentException if a value breaks its rule */
    ForgettingSettings.Table table() {
        return new ForgettingSettings.Table(label, owner, classes, scaling.of());
    }
}
