/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.cuda.standin.StandIn;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line on a machine with a card, whose place the stand-in takes, which takes long to compile. */
@Tag("exhaustive")
@EnabledIfSystemProperty(named = "amend4j.device", matches = "stand-in")
class CudaCommandsTest {

    static final String CARD = "stand-in for a card (compute capability 9.0)";
    private static final int UNKNOWN = 999;
    private static final int OUT_OF_MEMORY = 2;
    /** A call while the card is tried. */
    private static final int DURING_THE_TRIAL = 30;

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private Path table = Path.of("");

    @BeforeAll
    static void putTheCardIn() {
        StandIn.load();
    }

    @BeforeEach
    void makeModelAndTable() throws IOException {
        model = SmallClassifiers.ofPairs(folder.resolve("model.zip"));
        Random random = new Random(11);
        StringBuilder rows = new StringBuilder("a,b,kind\n");
        for (int i = 0; i < 120; i++) {
            double a = random.nextDouble();
            double b = random.nextDouble();
            rows.append(String.format(Locale.ROOT, "%.4f,%.4f,%s%n", a, b, a > b ? "more" : "less"));
        }
        table = Files.writeString(folder.resolve("table.csv"), rows);
    }

    private Ran train(String out, Object... more) {
        Object[] first = {
            "lora", "train", "--model", model, "--data", table, "--labels", "kind", "--rank", 2, "--epochs", 5
        };
        Object[] last = {"--out", folder.resolve(out), "--json"};
        return amend4j(Stream.of(first, more, last).flatMap(Stream::of).toArray());
    }

    @Test
    void theDoctorTriesTheCard() throws IOException {
        JsonNode device = amend4j("doctor", "--json").json().path("device");
        assertTrue(device.path("way").asText().startsWith("device-resident"), device.toString());
        assertEquals("9.0", device.path("capability").asText());
        assertEquals(0, device.path("missing").size(), device.toString());

        StandIn.fail(DURING_THE_TRIAL, UNKNOWN);
        JsonNode broken = amend4j("doctor", "--json").json().path("device");
        assertTrue(
                broken.path("missing").path(0).asText().startsWith(CARD + " does not work here: "), broken.toString());
    }

    /** Single precision twice: losses and cross-entropies agree to four digits. */
    @Test
    void theCardThatIsThereTrainsAndTestsAsTheCpuDoes() throws IOException {
        JsonNode cpu = train("cpu", "--device", "cpu").json();
        JsonNode card = train("card").json();
        assertTrue(card.path("device").asText().startsWith(CARD), card.toString());
        double loss = cpu.path("loss").asDouble();
        assertEquals(loss, card.path("loss").asDouble(), 1e-4 * loss);

        Object[] eval = {
            "lora",
            "eval",
            "--model",
            model,
            "--data",
            table,
            "--labels",
            "kind",
            "--adapter",
            folder.resolve("card"),
            "--json",
            "--device"
        };
        double onCpu = amend4j(Stream.concat(Stream.of(eval), Stream.of("cpu")).toArray())
                .json()
                .path("crossEntropy")
                .asDouble();
        double onCard = amend4j(
                        Stream.concat(Stream.of(eval), Stream.of("cuda")).toArray())
                .json()
                .path("crossEntropy")
                .asDouble();
        assertEquals(onCpu, onCard, 1e-4 * onCpu);
    }

    @Test
    void aBatchLargerThanTheDataIsAllOfThem() throws IOException {
        double all = train("all", "--batch", 120).json().path("loss").asDouble();
        double more =
                train("more", "--batch", Integer.MAX_VALUE).json().path("loss").asDouble();
        assertEquals(all, more, 0);
    }

    @Test
    void aCardIsChosenByItsNumber() throws IOException {
        assertTrue(train("first", "--device", "cuda:0")
                .json()
                .path("device")
                .asText()
                .startsWith(CARD));
        Ran second = train("second", "--device", "cuda:1");
        assertEquals(2, second.code(), second.err());
        assertTrue(second.err().contains("--device cuda:1: there is no card 1, CUDA finds 1, number 0"), second.err());
        assertTrue(Files.notExists(folder.resolve("second")));
    }

    @Test
    void aCardThatDoesNotWorkIsLeftToTheCpuUnlessItWasAskedFor() throws IOException {
        StandIn.fail(DURING_THE_TRIAL, UNKNOWN);
        Ran asked = train("asked", "--device", "cuda");
        assertEquals(2, asked.code(), asked.err());
        assertTrue(asked.err().contains(CARD + " does not work here: "), asked.err());
        assertEquals(1, asked.err().lines().count(), asked.err());
        assertTrue(Files.notExists(folder.resolve("asked")));

        StandIn.fail(DURING_THE_TRIAL, UNKNOWN);
        String device = train("auto").json().path("device").asText();
        assertTrue(device.startsWith("The CPU. " + CARD + " does not work here: "), device);
    }

    /** While memory for a training is taken, and while its first work is waited for. */
    @ParameterizedTest
    @ValueSource(ints = {130, 140, 150})
    void aCardThatRunsOutOfMemoryOnTheWayIsOneSentenceAndNothingIsWritten(int call) {
        StandIn.fail(call, OUT_OF_MEMORY);
        Ran ran = train("small");
        assertEquals(1, ran.code(), ran.err());
        String sentence = ran.err().lines().reduce((first, last) -> last).orElseThrow();
        assertTrue(sentence.startsWith("amend4j failed on the device: "), sentence);
        assertTrue(sentence.contains("CUDA_ERROR_OUT_OF_MEMORY (2, out of memory)"), sentence);
        assertTrue(sentence.contains("A smaller --batch may help."), sentence);
        assertTrue(Files.notExists(folder.resolve("small")));
    }
}
