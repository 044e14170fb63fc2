/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.amend4j.app.cli.Ran;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A forgotten person's rows may go from the table, in whatever way, and nothing else may change. */
class ErasedRowsTest {

    private static final int SUBJECTS = 12;
    private static final int ROWS = 36;

    private static double[] expected = {};
    private static double[] expectedWithoutSubjects = {};

    @TempDir
    private Path temp;

    private Path head = Path.of("");
    private Path table = Path.of("");
    private Path run = Path.of("");

    /** What becomes of a row; nothing: it is removed. */
    enum Erasure {
        INTACT((row, random) -> Stream.of(row)),
        BLANK((row, random) -> Stream.of(row.replaceAll("[^,]", ""))),
        ZEROS((row, random) -> Stream.of("0,0,0,0,0")),
        REDACTED((row, random) -> Stream.of("REDACTED,REDACTED,REDACTED,REDACTED,REDACTED")),
        ONE_CELL((row, random) -> Stream.of("gone")),
        NONSENSE((row, random) -> Stream.of("nobody,1e30,-1e30,7,no")),
        REMOVED((row, random) -> Stream.of()),
        EMPTY_LINE((row, random) -> Stream.of("")),
        MIXED((row, random) -> values()[random.nextInt(values().length - 1)].how.apply(row, random));

        private final BiFunction<String, Random, Stream<String>> how;

        Erasure(BiFunction<String, Random, Stream<String>> how) {
            this.how = how;
        }

        /** The table without the rows of some subjects, names in the first column. */
        String of(String csv, List<String> subjects, long seed) {
            Random random = new Random(seed);
            List<String> lines = new ArrayList<>();
            for (String line : csv.lines().toList()) {
                if (subjects.contains(line.substring(0, line.indexOf(',')))) {
                    how.apply(line, random).forEach(lines::add);
                } else {
                    lines.add(line);
                }
            }
            return String.join("\n", lines) + "\n";
        }
    }

    @BeforeEach
    void makeModelAndTable() throws IOException {
        head = SavedHeads.write(temp.resolve("head.zip"), 3);
        table = Files.writeString(temp.resolve("table.csv"), rows("p", 7));
        run = temp.resolve("run");
    }

    private static String rows(String subjects, long seed) {
        Random random = new Random(seed);
        StringBuilder rows = new StringBuilder("person,a,b,c,kind\n");
        for (int row = 0; row < ROWS; row++) {
            double a = random.nextDouble() - 0.5;
            rows.append(String.format(
                    Locale.ROOT,
                    "%s%d,%.6f,%.6f,%.6f,%s%n",
                    subjects,
                    row % SUBJECTS,
                    a,
                    random.nextDouble() - 0.5,
                    random.nextDouble() - 0.5,
                    a + random.nextGaussian() / 5 > 0 ? "yes" : "no"));
        }
        return rows.toString();
    }

    private Ran train() {
        return trainOwned("person");
    }

    private Ran trainOwned(String subject) {
        List<Object> words =
                new ArrayList<>(List.of("unlearn", "train", head, "--data", table, "--out", run, "--owner", subject));
        words.addAll(List.of(("--label kind --steps 20 --step-size 0.3 --weight-decay 0.2"
                        + " --planned-records 64 --feature-radius 1 --checkpoints every:5 --epsilon 1 --delta 1e-5")
                .split(" ", -1)));
        return amend4j(words.toArray());
    }

    private Ran on(String command, Path data, Object... more) {
        List<Object> words = new ArrayList<>(List.of("unlearn", command, run, "--data", data));
        words.addAll(List.of(more));
        return amend4j(words.toArray());
    }

    private Ran forget(Path data, String person) {
        return on("delete", data, "--subject", person, "--way", "retrain", "--json");
    }

    private double[] released(int number) throws IOException {
        return BaseModel.open(run.resolve("releases/" + number + "/model.zip"))
                .network()
                .params()
                .toDoubleVector();
    }

    private Path erased(Erasure how, String... subjects) throws IOException {
        return Files.writeString(temp.resolve(how + ".csv"), how.of(Files.readString(table), List.of(subjects), 5));
    }

    /** Full batches and a way without noise: the same bits from the same data, whatever the keys. So one run is enough for all. */
    private double[] expected() throws IOException {
        if (expected.length == 0) {
            Path first = run;
            run = temp.resolve("expected");
            train().done();
            forget(table, "p0").done();
            forget(table, "p5").done();
            forget(table, "p11").done();
            expected = released(3);
            run = first;
        }
        return expected;
    }

    @ParameterizedTest
    @OneIn(6)
    @EnumSource(Erasure.class)
    void laterDeletionsWorkBitForBitAsBefore(Erasure how) throws IOException {
        train().done();
        assertFalse(Files.readString(run.resolve("service.json")).contains("sha256"));
        forget(table, "p0").done();
        Path without = erased(how, "p0");
        on("plan", without, "--subject", "p5").done();
        forget(without, "p5").done();
        without = erased(how, "p0", "p5");
        JsonNode last = forget(without, "p11").done().json();
        assertEquals(3, last.path("number").asInt());
        assertArrayEquals(expected(), released(3), 0);
        assertTrue(amend4j("unlearn", "verify", run, "--public-key", temp.resolve("run-keys/issuer.public"))
                .done()
                .out()
                .contains("VALID"));
        without = erased(how, "p0", "p5", "p11");
        for (String person : List.of("p0", "p5", "p11")) {
            Ran again = on("delete", without, "--subject", person).done();
            assertTrue(again.out().contains("forgotten before"), again.out());
        }
        on("delete", without, "--subject", "p77").refused("'p77'");
    }

    /** The twin: before anybody is forgotten nothing may go, and nothing of those who were not. */
    @ParameterizedTest
    @OneIn(2)
    @EnumSource(value = Erasure.class, mode = EnumSource.Mode.EXCLUDE, names = "INTACT")
    void rowsOfSubjectsWhoWereNotForgottenMustStay(Erasure how) throws IOException {
        train().done();
        on("plan", erased(how, "p5"), "--subject", "p0").refused("row 6 of the 36 that were trained on was changed");
        forget(table, "p0").done();
        on("plan", erased(how, "p0", "p5"), "--subject", "p1")
                .refused("row 6 of the 36 that were trained on was changed");
        on("plan", erased(how, "p0", "p1"), "--subject", "p2")
                .refused("row 2 of the 36 that were trained on was changed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"p3,0.25,0.25,0.25,yes", "p3", "elsewhere", "twice"})
    void aRetainedRowThatWasChangedOrMovedIsNamed(String what) throws IOException {
        train().done();
        forget(table, "p0").done();
        List<String> lines = new ArrayList<>(Files.readAllLines(erased(Erasure.REMOVED, "p0")));
        // row 4 of the original table is line 4 here: the header is line 1, and row 1 is gone
        String row = lines.remove(3);
        assertTrue(row.startsWith("p3,"), row);
        switch (what) {
            case "p3" -> lines.add(3, row.replace("p3", "p4"));
            case "elsewhere" -> lines.add(20, row);
            case "twice" -> lines.addAll(3, List.of(row, row));
            default -> lines.add(3, what);
        }
        Path changed = Files.write(temp.resolve("changed.csv"), lines);
        String named = what.equals("twice") ? "row 5 of the 36" : "row 4 of the 36";
        on("plan", changed, "--subject", "p1").refused(named + " that were trained on was changed, moved or removed");
    }

    @Test
    void trainingThatWasBegunWithOtherDataIsRefused() throws IOException {
        train().done();
        Files.delete(run.resolve("state.json"));
        String text = Files.readString(table);
        Files.writeString(table, text.replace("p3,", "p4,"));
        train().refused("row 4 of the 36 that were trained on was changed");
        Files.writeString(table, text);
        train().done();
    }

    /** Rows that do not say whose they are keep their numbers, however many before them are gone. */
    @ParameterizedTest
    @OneIn(4)
    @EnumSource(Erasure.class)
    void rowsWithoutSubjectsKeepTheirNumbers(Erasure how) throws IOException {
        List<String> lines = Files.readAllLines(table).stream()
                .map(line -> line.substring(line.indexOf(',') + 1))
                .toList();
        Files.write(table, lines);
        trainOwned("").done();
        forget(table, "2").done();
        Random random = new Random(1);
        List<String> fewer = new ArrayList<>(lines);
        fewer.remove(2);
        how.how.apply(lines.get(2), random).forEach(line -> fewer.add(2, line.replaceFirst("^[^,]*,", "")));
        Path without = Files.write(temp.resolve("without.csv"), fewer);
        assertTrue(on("delete", without, "--subject", "2").done().out().contains("forgotten before"));
        assertTrue(on("delete", without, "--subject", "2", "--request-only")
                .done()
                .out()
                .contains("forgotten before"));
        on("delete", without, "--subject", "37").refused("'37'");
        Ran both = on("delete", without, "--subject", "36", "--subject", "2", "--method", "retrain")
                .done();
        assertTrue(both.out().contains("so nothing to do for: 2"), both.out());
        double[] after = released(2);
        if (expectedWithoutSubjects.length == 0) {
            run = temp.resolve("intact");
            trainOwned("").done();
            forget(table, "2").done();
            forget(table, "36").done();
            expectedWithoutSubjects = released(2);
        }
        assertArrayEquals(expectedWithoutSubjects, after, 0);
    }

    @Test
    void anAuditNeedsTheRowsAndSaysSo() throws IOException {
        Path strangers = Files.writeString(temp.resolve("strangers.csv"), rows("q", 8));
        train().done();
        for (int person = 0; person < 5; person++) {
            on("delete", table, "--subject", "p" + person, "--request-only").done();
        }
        on("delete", table, "--way", "retrain").done();
        String[] gone = {"p0", "p1", "p2", "p3", "p4"};
        for (Erasure how : Erasure.values()) {
            if (how != Erasure.INTACT && how != Erasure.MIXED) {
                on("audit", erased(how, gone), "--holdout", strangers)
                        .refused("rows of forgotten subjects were erased from");
            }
        }
        on("audit", erased(Erasure.REMOVED, "p3"), "--holdout", strangers)
                .refused("near row 1 of those that were trained on");
        on("audit", table, "--holdout", strangers).done();
        Files.writeString(strangers, rows("p", 8));
        on("audit", erased(Erasure.REMOVED, gone), "--holdout", strangers).refused("'p0' is in the table");
    }
}
