/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.data.BadInputException;

/**
 * What a job takes along from a built clone besides libraries.
 *
 * @param root of the clone
 */
record PortableKit(Path root) {

    private static final String PROPERTY = "amend4j.root";
    private static final String TEST_KIT = "org/amend4j/testkit";

    /** Classes of tests, and which of them. */
    record Tests(String jar, Path classes, String below) {}

    /**
     * Of the clone that this process was started from.
     *
     * @throws BadInputException if there is none
     */
    static PortableKit ofThisProcess() {
        String root = System.getProperty(PROPERTY);
        if (root == null) {
            throw new BadInputException(
                    "package-job packs tests and kernels of a clone: start it there, with ./amend4j package-job");
        }
        return new PortableKit(Path.of(root));
    }

    /** Whether the contracts of objectives are compiled. */
    boolean hasContracts() {
        return Files.isDirectory(contracts().resolve("org/amend4j/contract"));
    }

    private Path contracts() {
        return root.resolve("integration-tests/target/test-classes");
    }

    /** What is there of tests; the contracts are a module of their own, which is not always built. */
    List<Tests> tests() {
        List<Tests> tests = new ArrayList<>();
        tests.add(new Tests("test-kit.jar", compiled("core/foundation"), TEST_KIT));
        for (String module : List.of("model", "engine", "lora", "transformers")) {
            tests.add(new Tests(module + "-test-kit.jar", compiled("core/" + module), TEST_KIT));
        }
        tests.add(new Tests("machine-laws.jar", compiled("core/engine"), "org/amend4j/internal/backend"));
        tests.add(new Tests("cuda-tests.jar", compiled("cuda"), ""));
        if (hasContracts()) {
            tests.add(new Tests("contract-tests.jar", contracts(), "org/amend4j"));
        }
        return tests;
    }

    private Path compiled(String module) {
        Path classes = root.resolve(module).resolve("target/test-classes");
        if (!Files.isDirectory(classes)) {
            throw new BadInputException("the tests of " + module + " are not compiled, there is no " + classes
                    + ": mvn -DskipTests package");
        }
        return classes;
    }

    /** JUnit's console, with all of JUnit. */
    Path console() throws IOException {
        Path folder = root.resolve("examples/app/target/kit");
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                Optional<Path> console = files.filter(file ->
                                String.valueOf(file.getFileName()).startsWith("junit-platform-console-standalone"))
                        .findFirst();
                if (console.isPresent()) {
                    return console.get();
                }
            }
        }
        throw new BadInputException("JUnit's console is not in " + folder + ": mvn -DskipTests package");
    }

    /** The first look at a card, in Python. */
    Path look() {
        return root.resolve("cuda/card.py");
    }

    /** What the look launches kernels with where there is no card. */
    Path emulation() {
        return root.resolve("cuda/src/main/resources/org/amend4j/cuda/emulated/emulation.h");
    }

    /** The kernels' sources. */
    Path kernels() {
        return root.resolve("cuda/src/main/resources/org/amend4j/cuda/kernels");
    }
}
