/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.cuda.device.KernelSource;

/** The kernel sources that there are, and the cards that they are written for. */
public final class KernelSources {

    /** Compute capabilities, 75 for 7.5. */
    private static final List<Integer> ARCHITECTURES = List.of(75, 80, 89, 90, 100, 120);

    private static final String BFLOAT16 = "_bf16";

    private static final Path FOLDER = Path.of("src/main/resources/org/amend4j/cuda/kernels");

    private KernelSources() {}

    /** Those whose cards run a source. */
    public static List<Integer> architectures(KernelSource source) {
        return ARCHITECTURES.stream()
                .filter(architecture -> architecture >= source.leastArchitecture())
                .toList();
    }

    /** What is compiled of them: their names, and name_bf16 of those that also take rows of bfloat16 numbers. */
    public static List<String> compiled() throws IOException {
        return names().stream()
                .flatMap(name -> KernelSource.resource(name).hasRowsOfAnyType()
                        ? Stream.of(name, name + BFLOAT16)
                        : Stream.of(name))
                .toList();
    }

    /** One of {@link #compiled}. */
    public static KernelSource source(String name) throws IOException {
        return names().contains(name)
                ? KernelSource.resource(name)
                : KernelSource.resource(name.substring(0, name.length() - BFLOAT16.length()), ElementType.BFLOAT16);
    }

    /** Their names without .cu. */
    public static List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".cu"))
                    .map(name -> name.substring(0, name.length() - 3))
                    .sorted()
                    .toList();
        }
    }
}
