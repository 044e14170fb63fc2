/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.app.policy.Surroundings;
import org.amend4j.data.BadInputException;
import picocli.CommandLine.Option;

/** Where environments come from that are not the library's. */
final class SurroundingsOptions {

    @Option(
            names = "--env-class",
            paramLabel = "CLASS",
            description = "Instead of --env: an environment of your own, a class that implements"
                    + " org.amend4j.environment.Environment (or a java.util.function.Supplier of one), such as"
                    + " com.example.MyEnv or 'com.example.MyEnv?limit=200'.")
    private Optional<String> ownClass = Optional.empty();

    @Option(
            names = "--class-path",
            paramLabel = "JARS",
            description =
                    "Jars and folders that --env-class, or an --algo of your own, is in, separated as in Java's own class path.")
    private String classPath = "";

    @Option(
            names = "--python",
            paramLabel = "COMMAND",
            defaultValue = "${env:AMEND4J_PYTHON:-python3}",
            description = "The Python that has Gymnasium, for environments gymnasium:ID (default: AMEND4J_PYTHON, or"
                    + " python3).")
    private String python = "";

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Python processes that step environments gymnasium:ID at the same time, each its part of them"
                    + " (default: 1). Results do not depend on it.")
    private int workers = 1;

    /** To be closed. */
    Surroundings surroundings() {
        String[] words = Files.exists(Path.of(python))
                ? new String[] {python}
                : python.strip().split("\\s+", -1);
        if (python.isBlank()) {
            throw new BadInputException("--python must be a command, got nothing");
        }
        if (workers < 1) {
            throw new BadInputException("--workers must be >= 1, got " + workers);
        }
        List<Path> paths = classPath.isEmpty()
                ? List.of()
                : Arrays.stream(classPath.split(File.pathSeparator, -1))
                        .map(Path::of)
                        .toList();
        return new Surroundings(List.of(words), workers, paths);
    }

    /** What the user named, by the one option or the other. */
    Optional<String> environment(Optional<String> named) {
        if (named.isPresent() && ownClass.isPresent()) {
            throw new BadInputException("--env and --env-class are two environments: give one of them");
        }
        return ownClass.map(Surroundings::ofClass).or(() -> named);
    }
}
