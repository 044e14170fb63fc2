/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Films of a Gymnasium that stands in for the real one. */
class FilmTest {

    /** Where the number of pictures is in a file. */
    private static final int COUNT = 8 + 25 + 8;

    @TempDir
    private static Path learned;

    private static String python = "";

    @TempDir
    private Path temp;

    private static Path policy() {
        return learned.resolve("seed-1/policy");
    }

    @BeforeAll
    static void learn() throws Exception {
        python = EnvironmentSourcesTest.python();
        amend4j(
                        "policy",
                        "train",
                        "--env",
                        "gymnasium:Line-v0",
                        "--python",
                        python,
                        "--algo",
                        "ppo",
                        "--steps",
                        64,
                        "--batch",
                        32,
                        "--hidden",
                        4,
                        "--final-episodes",
                        0,
                        "--out",
                        learned,
                        "--json")
                .json();
    }

    private Ran filmed(String environment, Path film) {
        return amend4j(
                "policy",
                "eval",
                policy(),
                "--env",
                environment,
                "--python",
                python,
                "--episodes",
                1,
                "--record",
                film,
                "--json");
    }

    private static int pictures(Path film) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(film)).getInt(COUNT);
    }

    @Test
    void a_film_shows_the_first_state_and_every_step_and_the_report_speaks_of_its_episode() throws Exception {
        Path film = temp.resolve("films/line.png");
        JsonNode facts = filmed("gymnasium:Shown-v0", film).json();
        JsonNode shown = facts.path("film");
        assertEquals(film.toString(), shown.path("file").asText());
        assertEquals(4, shown.path("perSecond").asDouble());
        assertEquals(shown.path("length").asInt() + 1, shown.path("pictures").asInt());
        assertEquals(shown.path("pictures").asInt(), pictures(film));
        assertEquals(facts.path("greedy").path("return"), shown.path("return"), "of the one episode");
        assertEquals(facts.path("greedy").path("length"), shown.path("length"));
        BufferedImage first = ImageIO.read(film.toFile());
        assertEquals(3, first.getWidth());
        assertEquals(2, first.getHeight());
        assertEquals(0xFF3C07FF, first.getRGB(2, 1));
    }

    @Test
    void a_longer_episode_is_filmed_as_far_as_a_film_may_last_and_the_report_says_so() throws Exception {
        Path film = temp.resolve("long.png");
        Ran ran = amend4j(
                "policy",
                "eval",
                policy(),
                "--env",
                "gymnasium:Long-v0",
                "--python",
                python,
                "--episodes",
                1,
                "--record",
                film);
        assertTrue(ran.done().out().contains("a film has at most 5000 pictures, this episode 5011"), ran.out());
        assertEquals(5_000, pictures(film));
    }

    @OneIn(2)
    @ParameterizedTest
    @CsvSource({
        "gymnasium:Shown-v0?fault=raise, RuntimeError: no more light",
        "gymnasium:Shown-v0?fault=none, render must give bytes of height x width x 3",
        "gymnasium:Shown-v0?fault=size, pictures of a film must have one size",
        "gymnasium:Line-v0, render_mode",
        "FrozenLake-v1, which has no pictures"
    })
    void what_cannot_be_shown_is_one_sentence_and_leaves_no_file(String environment, String reason) throws Exception {
        filmed(environment, temp.resolve("films/line.png")).refusedAtLast(reason);
        assertFalse(Files.exists(temp.resolve("films")));
        try (Stream<Path> left = Files.list(temp)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void a_file_that_is_there_stays() throws Exception {
        Path film = temp.resolve("line.png");
        Files.writeString(film, "mine");
        filmed("gymnasium:Shown-v0", film).refused("--record", "exists already");
        assertArrayEquals(new byte[] {'m', 'i', 'n', 'e'}, Files.readAllBytes(film));
        filmed("gymnasium:Shown-v0", temp.resolve("line.gif")).refused("--record must end in .png");
    }
}
