/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Collections;
import java.util.List;
import org.amend4j.data.BadInputException;
import picocli.CommandLine.Option;

/** The classes that a model says. */
final class ClassesOption {

    @Option(
            names = "--classes",
            paramLabel = "NAME",
            split = ",",
            description =
                    "The classes in the order of the model's outputs (default: those found in the data, or those of"
                            + " the model).")
    private List<String> classes = List.of();

    /**
     * As they were named, if they were.
     *
     * @throws BadInputException if one is named twice
     */
    List<String> named() {
        classes.stream()
                .filter(name -> Collections.frequency(classes, name) > 1)
                .findFirst()
                .ifPresent(twice -> {
                    throw new BadInputException("--classes names '" + twice + "' twice");
                });
        return classes;
    }
}
