/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.app.job.NumberedTasks;
import org.amend4j.app.job.Progress;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shadow models are trained by whoever does the work. */
class ShadowTrainingTest {

    private static final Progress QUIET = Progress.to(new PrintWriter(Writer.nullWriter()));

    /** Work that went to another process and was done there in another order. */
    private static final NumberedTasks ELSEWHERE = new NumberedTasks() {
        @Override
        public <I extends Serializable, R extends Serializable> List<R> run(
                String what, List<I> inputs, Work<I, R> work, Progress.Stage stage)
                throws IOException, InterruptedException {
            List<Integer> order = new ArrayList<>();
            List<R> results = new ArrayList<>();
            for (int k = 0; k < inputs.size(); k++) {
                order.add(k);
                results.add(null);
            }
            Collections.shuffle(order, new Random(1));
            Work<I, R> there = sent(work);
            for (int k : order) {
                results.set(k, sent(sent(there).with(sent(inputs.get(k)))));
            }
            return results;
        }
    };

    @TempDir
    private Path temp;

    private Path head = Path.of("");
    private Path table = Path.of("");
    private Path strangers = Path.of("");

    @SuppressWarnings("unchecked")
    private static <T> T sent(T object) throws IOException {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes(object)))) {
            return (T) in.readObject();
        } catch (ClassNotFoundException e) {
            throw new IOException(e);
        }
    }

    private static byte[] bytes(Object object) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }

    @BeforeEach
    void makeModelAndTables() throws Exception {
        head = SavedHeads.write(temp.resolve("head.zip"), 3);
        table = Files.writeString(temp.resolve("table.csv"), rows("p", 7));
        strangers = Files.writeString(temp.resolve("strangers.csv"), rows("q", 8));
    }

    private static String rows(String person, long seed) {
        Random random = new Random(seed);
        StringBuilder rows = new StringBuilder("person,a,b,c,kind\n");
        for (int row = 0; row < 60; row++) {
            double[] x = random.doubles(3, -0.5, 0.5).toArray();
            rows.append(String.format(
                    Locale.ROOT,
                    "%s%d,%.6f,%.6f,%.6f,%s%n",
                    person,
                    row % 20,
                    x[0],
                    x[1],
                    x[2],
                    x[0] > 0 ? "yes" : "no"));
        }
        return rows.toString();
    }

    private JsonNode audit(Path run, NumberedTasks tasks) throws IOException, InterruptedException {
        try (ForgetfulFolder folder = ForgetfulFolder.open(run, Path.of(run + "-keys"), table)) {
            return new AuditJob(folder, strangers, 6, Optional.empty())
                    .run(tasks, QUIET)
                    .tree();
        }
    }

    private Path forgetful(String training, String deletion) throws IOException {
        Path run = temp.resolve("run");
        amend4j(Stream.concat(
                                Stream.of("unlearn", "train", head, "--data", table, "--out", run),
                                Arrays.stream(
                                        ("--label kind --owner person --steps 12 --step-size 0.3 --weight-decay 0.2"
                                                        + " --planned-records 128 --feature-radius 1 --delta 1e-5 "
                                                        + training)
                                                .strip()
                                                .split(" +", -1)))
                        .toArray())
                .done();
        Path five = Files.writeString(temp.resolve("five.txt"), "p3\np4\np5\np6\np7\n");
        amend4j(new Object[] {"unlearn", "delete", run, "--data", table, "--subjects-file", five}, (Object[])
                        deletion.split(" ", -1))
                .done();
        return run;
    }

    @OneIn(2)
    @ParameterizedTest
    @CsvSource({
        "'', --any-noise",
        "--batches keyed:0.5 --block-size 7, --any-noise",
        "--train head --batches epochs:6, --any-noise",
        "--train lora --rank 1 --both-factors --parameter-radius 0.5, --method retrain"
    })
    void anAuditWhoseShadowsAreTrainedElsewhereInAnyOrderIsThatOfHere(String training, String deletion)
            throws Exception {
        Path run = forgetful(training, deletion);
        JsonNode here = audit(run, NumberedTasks.HERE);
        assertFalse(here.path("rows").isEmpty(), here.toString());
        assertEquals(here, audit(run, ELSEWHERE));
    }

    /** Whoever trains shadows could try names on a hash of them. */
    @Test
    void whatIsSentHasNoNumberMadeOfAName() throws Exception {
        Path run = forgetful("--train head --batches epochs:6", "--any-noise");
        List<byte[]> sent = new ArrayList<>();
        NumberedTasks listening = new NumberedTasks() {
            @Override
            public <I extends Serializable, R extends Serializable> List<R> run(
                    String what, List<I> inputs, Work<I, R> work, Progress.Stage stage)
                    throws IOException, InterruptedException {
                sent.add(bytes(work));
                for (I input : inputs) {
                    sent.add(bytes(input));
                }
                return HERE.run(what, inputs, work, stage);
            }
        };
        audit(run, listening);
        assertFalse(sent.isEmpty());
        for (int person = 0; person < 20; person++) {
            for (String name : List.of("p" + person, "holdout q" + person, "q" + person)) {
                byte[] number = ByteBuffer.allocate(Long.BYTES)
                        .putLong(SubjectTable.number(name))
                        .array();
                for (byte[] bytes : sent) {
                    assertFalse(contains(bytes, number), name);
                }
            }
        }
    }

    private static boolean contains(byte[] bytes, byte[] part) {
        return new String(bytes, StandardCharsets.ISO_8859_1).contains(new String(part, StandardCharsets.ISO_8859_1));
    }

    @Test
    void results_in_the_wrong_places_are_another_audit() throws Exception {
        Path run = forgetful("", "--any-noise");
        NumberedTasks backwards = new NumberedTasks() {
            @Override
            public <I extends Serializable, R extends Serializable> List<R> run(
                    String what, List<I> inputs, Work<I, R> work, Progress.Stage stage)
                    throws IOException, InterruptedException {
                List<R> results = new ArrayList<>(HERE.run(what, inputs, work, stage));
                Collections.reverse(results);
                return results;
            }
        };
        assertNotEquals(audit(run, NumberedTasks.HERE), audit(run, backwards));
    }
}
