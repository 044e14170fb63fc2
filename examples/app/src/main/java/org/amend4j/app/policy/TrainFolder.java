/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.amend4j.app.files.Leftovers;

/** What a training's folder has in it, and what must not stay there. */
final class TrainFolder {

    private static final Leftovers LEFTOVERS =
            new Leftovers("run\\.json|report\\.json|result\\.json|score\\.json|policy\\.json"
                    + "|metrics\\.csv|evaluations\\.csv|chart\\.png|learning\\.svg|report\\.html|episode\\.svg|checkpoint\\.safetensors"
                    + "|network-[0-9a-f]+\\.zip|adapter_model\\.safetensors|adapter_config\\.json");

    private TrainFolder() {}

    static Path ofSeed(Path out, long seed) {
        return out.resolve("seed-" + seed);
    }

    /** Removes what runs that were killed left behind: in it, its seeds' folders, their policies and adapters. */
    static void removeLeftovers(Path out) throws IOException {
        LEFTOVERS.removeFrom(out);
        for (Path seed : folders(out, name -> name.matches("seed-\\d+"))) {
            LEFTOVERS.removeFrom(seed);
            for (Path policy : folders(seed, List.of("policy", "best", "last")::contains)) {
                LEFTOVERS.removeFrom(policy);
                for (Path adapter : folders(policy, name -> name.startsWith("adapter-"))) {
                    LEFTOVERS.removeFrom(adapter);
                }
            }
        }
    }

    private static List<Path> folders(Path above, Predicate<String> named) throws IOException {
        List<Path> folders = new ArrayList<>();
        if (Files.isDirectory(above)) {
            try (Stream<Path> entries = Files.list(above)) {
                entries.filter(Files::isDirectory)
                        .filter(entry -> named.test(String.valueOf(entry.getFileName())))
                        .forEach(folders::add);
            }
        }
        return folders;
    }
}
