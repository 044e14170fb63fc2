/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;

import java.nio.file.Path;
import java.util.Objects;
import org.amend4j.testkit.NeedsPeers;
import org.amend4j.testkit.Peers;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Films of a policy in Gymnasium itself, which Pillow opens. */
@NeedsPeers
class FilmPeerTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"CartPole-v1", "LunarLander-v3", "LunarLanderContinuous-v3"})
    void every_pixel_of_a_film_is_gymnasiums(String name) throws Exception {
        Path told = folder.resolve("told.txt");
        Path film = folder.resolve("film.png");
        Path modules = Path.of(
                Objects.requireNonNull(FilmPeerTest.class.getResource("told")).toURI());
        String python = "env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=" + modules + " " + Peers.python();
        String environment = "gymnasium:told:Told-v0?of=" + name + "&told=" + told + "&limit=60";
        amend4j(
                        "policy",
                        "train",
                        "--env",
                        environment,
                        "--python",
                        python,
                        "--algo",
                        "ppo",
                        "--steps",
                        256,
                        "--batch",
                        64,
                        "--hidden",
                        8,
                        "--final-episodes",
                        0,
                        "--out",
                        folder.resolve("run"),
                        "--json")
                .json();
        amend4j(
                        "policy",
                        "eval",
                        folder.resolve("run/seed-1/policy"),
                        "--env",
                        environment,
                        "--python",
                        python,
                        "--episodes",
                        1,
                        "--record",
                        film,
                        "--json")
                .json();
        Peers.run(FilmPeerTest.class, "film_peer.py", folder, name, told.toString(), film.toString());
    }
}
