/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.cuda.device.KernelSource;

/** The kernel sources that there are, and the cards that they are written for. */
public final class KernelSources {

    /** Compute capabilities, 75 for 7.5. */
    private static final List<Integer> ARCHITECTURES = List.of(75, 80, 89, 90, 100, 120);

    private static final Path FOLDER = Path.of("src/main/resources/org/amend4j/cuda/kernels");

    private KernelSources() {}

    /** Those whose cards run a source. */
    public static List<Integer> architectures(KernelSource source) {
        return ARCHITECTURES.stream()
                .filter(architecture -> architecture >= source.leastArchitecture())
                .toList();
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
