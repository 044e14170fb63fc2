/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The folder of {@code policy train}, without charts and reports. */
final class GoldenRun {

    static final String FOLDER = "run";

    private GoldenRun() {}

    static String train(Path folder, Object... more) {
        List<Object> words = new ArrayList<>(List.of(
                "policy",
                "train",
                "--env",
                "CartPole-v1",
                "--algo",
                "reinforce",
                "--steps",
                400,
                "--hidden",
                "3",
                "--eval-every",
                200,
                "--eval-episodes",
                1,
                "--seed",
                5,
                "--out",
                folder));
        words.addAll(List.of(more));
        return GoldenService.done(words.toArray());
    }

    static void write(Path folder) throws IOException {
        train(folder);
        for (String derived : List.of("report.json", "chart.png", "learning.svg")) {
            Files.deleteIfExists(folder.resolve(derived));
        }
    }
}
