/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.amend4j.app.cli.Ran;
import org.amend4j.internal.file.Folders;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.Exhaustive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A byte changed in any file of a folder or of its keys is refused in one sentence, or changes no model that is released. */
class FolderIntegrityTest {

    private static final int SUBJECTS = 12;
    private static final Pattern NUMBER = Pattern.compile("(?<=[: \\[])-?\\d");

    @TempDir
    private Path temp;

    private Path whole = Path.of("");
    private Path table = Path.of("");

    @BeforeEach
    void trainAndForgetOne() throws IOException {
        Random random = new Random(7);
        StringBuilder rows = new StringBuilder("person,a,b,c,kind\n");
        for (int row = 0; row < 4 * SUBJECTS; row++) {
            rows.append('p').append(row % SUBJECTS);
            for (int k = 0; k < 3; k++) {
                rows.append(String.format(Locale.ROOT, ",%.6f", random.nextDouble() - 0.5));
            }
            rows.append(row % 3 == 0 ? ",yes\n" : ",no\n");
        }
        table = Files.writeString(temp.resolve("table.csv"), rows);
        whole = Files.createDirectory(temp.resolve("whole"));
        Path head = SavedHeads.write(temp.resolve("head.zip"), 3);
        String options = "--label kind --owner person --classes no,yes --steps 12 --step-size 0.3 --weight-decay 0.2"
                + " --feature-radius 1 --planned-records 64 --delta 1e-5 --checkpoints every:4";
        List<Object> train =
                new ArrayList<>(List.of("unlearn", "train", head, "--data", table, "--out", whole.resolve("run")));
        train.addAll(List.of(options.split(" ", -1)));
        amend4j(train.toArray()).done();
        forget(whole, "p1").done();
    }

    private Ran forget(Path place, String person) {
        return amend4j(
                "unlearn",
                "delete",
                place.resolve("run"),
                "--data",
                table,
                "--subject",
                person,
                "--method",
                "retrain",
                "--json");
    }

    private static double[] released(Path place) throws IOException {
        return BaseModel.open(place.resolve("run/releases/2/model.zip"))
                .network()
                .params()
                .toDoubleVector();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(
                        file,
                        to.resolve(from.relativize(file).toString()),
                        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /** Where to change a file: at every number if it is JSON of people's making, and anywhere. */
    private static List<Integer> places(byte[] bytes, boolean numbers, Random random) {
        List<Integer> places = new ArrayList<>();
        if (numbers) {
            Matcher found = NUMBER.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
            while (found.find()) {
                places.add(found.end() - 1);
            }
        }
        for (int i = 0; i < Exhaustive.times(1, 12) && bytes.length > 0; i++) {
            places.add(random.nextInt(bytes.length));
        }
        return places;
    }

    private static byte[] changed(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) (bytes[at] >= '0' && bytes[at] <= '9' ? '0' + (bytes[at] - '0' + 1) % 10 : bytes[at] ^ 1);
        return changed;
    }

    private static final Pattern PARSERS_WORDS =
            Pattern.compile("(?i)token|deserializ|\\bclass\\b|exception|jackson|`|ignorable|expecting|\\borg\\.");

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(whole)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** It is told which file is not as it should be, in one sentence without the words of a parser. */
    private void requireRefusedOrDone(Path copy, Path file, String how) {
        Ran ran = forget(copy, "p2");
        if (ran.code() != 0) {
            assertEquals(2, ran.code(), how + ": " + ran.err());
            assertEquals(1, ran.err().trim().lines().count(), how + ": " + ran.err());
            assertTrue(!PARSERS_WORDS.matcher(ran.err()).find(), how + ": " + ran.err());
            String name = String.valueOf(file.getFileName());
            assertTrue(
                    ran.err().contains(name)
                            || (name.equals("model.zip") && ran.err().contains("releases")),
                    how + ": " + ran.err());
        }
    }

    @Test
    void aFolderOrAPipeInTheFilesPlaceIsRefusedByNameOrHarmlessAndNobodyWaits() throws Exception {
        boolean pipes = !System.getProperty("os.name").startsWith("Windows");
        for (Path file : files()) {
            for (boolean pipe : pipes ? new boolean[] {false, true} : new boolean[] {false}) {
                Path copy = temp.resolve("copy");
                copy(whole, copy);
                Path changed = copy.resolve(whole.relativize(file).toString());
                Files.delete(changed);
                if (pipe) {
                    assertEquals(
                            0,
                            new ProcessBuilder("mkfifo", "-m", "600", changed.toString())
                                    .start()
                                    .waitFor());
                } else {
                    Files.createDirectory(changed);
                }
                org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                        java.time.Duration.ofSeconds(60),
                        () -> requireRefusedOrDone(copy, file, (pipe ? "a pipe " : "a folder ") + file));
                Folders.delete(copy);
            }
        }
    }

    private Ran plan(Path place) {
        return amend4j("unlearn", "plan", place.resolve("run"), "--data", table, "--subject", "p2");
    }

    @Test
    void aPlanNamesTheStartThatIsDamagedOrMissing() throws IOException {
        String name = "checkpoint-0000000000.sealed";
        for (byte[] damaged : new byte[][] {{}, new byte[50], new byte[500]}) {
            Path copy = temp.resolve("copy");
            copy(whole, copy);
            Files.write(copy.resolve("run/vault").resolve(name), damaged);
            plan(copy).refused(name);
            Folders.delete(copy);
        }
        Path copy = temp.resolve("copy");
        copy(whole, copy);
        Path start = copy.resolve("run/vault").resolve(name);
        byte[] sound = Files.readAllBytes(start);
        Files.delete(start);
        plan(copy).refused(name, "put it back");
        Files.write(start, sound);
        plan(copy).done();
    }

    /** Who can read it could sign, or name the people of the ledger. */
    @Test
    void keysThatOthersMayReadAreRefusedWithWhatHelpsAndNothingChanges() throws IOException {
        for (String name : List.of("issuer.keys", "subjects.key", "batches.key", "checkpoints.key", "")) {
            Path key = whole.resolve("run-keys").resolve(name);
            var before = Files.getPosixFilePermissions(key);
            var open = new java.util.HashSet<>(before);
            open.add(java.nio.file.attribute.PosixFilePermission.GROUP_READ);
            Files.setPosixFilePermissions(key, open);
            forget(whole, "p2").refused(key + " must be its owner's alone", "chmod " + (name.isEmpty() ? 700 : 600));
            Files.setPosixFilePermissions(key, before);
        }
        forget(whole, "p2").done();
    }

    /** Its checkpoints saw who was forgotten since, and a rewind to them would be certified as if they had not. */
    @Test
    void aVaultThatIsOlderThanItsStateIsRefusedAndNobodyIsForgottenFromIt() throws IOException {
        Path older = temp.resolve("older");
        copy(whole, older);
        forget(whole, "p2").done();
        Path newest = temp.resolve("newest");
        copy(whole, newest);
        Path vault = whole.resolve("run/vault");
        Folders.delete(vault);
        copy(older.resolve("run/vault"), vault);
        Object[] words = {"unlearn", "delete", whole.resolve("run"), "--data", table, "--subject", "p3"};
        for (Object[] by : new Object[][] {{}, {"--method", "retrain"}, {"--any-noise"}, {"--request-only"}}) {
            amend4j(words, by).refused("that deletion 2 destroyed", "put back the newest vault");
        }
        Folders.delete(vault);
        copy(newest.resolve("run/vault"), vault);
        amend4j(words).done();
    }

    @Test
    void blanksAroundANameAreNoneOfItAndNamesComeFromPlainFilesOnly() throws Exception {
        Path run = whole.resolve("run");
        Object[] plan = {"unlearn", "plan", run, "--data", table};
        String alone = amend4j(plan, "--subject", "p2")
                .done()
                .out()
                .lines()
                .findFirst()
                .orElseThrow();
        Path names = Files.writeString(temp.resolve("names"), "\uFEFF  p2\t\r\n\r\n");
        for (Object[] same :
                new Object[][] {{"--subject", " p2 "}, {"--subject", "p2\n"}, {"--subjects-file", names}}) {
            assertEquals(
                    alone, amend4j(plan, same).done().out().lines().findFirst().orElseThrow());
        }
        amend4j(plan, "--subject", " ").refused("--subject must name somebody");
        amend4j(plan, "--subject", "P2").refused("got 'P2', who has no record here");
        amend4j(plan, "--subjects-file", temp).refused("--subjects-file must be a plain file");
    }

    /** Java's own message is the file's name alone. */
    @Test
    void aFileThatMayNotBeReadIsToldInASentence() {
        assertEquals(
                "permission denied for run/vault/keys.ring",
                ForgetfulFolder.badInput(new java.nio.file.AccessDeniedException("run/vault/keys.ring"))
                        .getMessage());
    }

    /** Two releases of equal parameters have equal bytes; when one was made is in its certificate, in seconds. */
    @Test
    void aReleasedModelTellsNoTime() throws IOException {
        for (String name : List.of("run/base.zip", "run/releases/1/model.zip")) {
            try (var zip = new java.util.zip.ZipFile(whole.resolve(name).toFile())) {
                zip.stream()
                        .forEach(entry -> assertEquals(
                                java.time.LocalDateTime.of(1980, 2, 1, 0, 0),
                                entry.getTimeLocal(),
                                name + " " + entry));
            }
        }
    }

    private static void stretch(Path file) throws IOException {
        try (var channel = java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.allocate(1), 3L << 30);
        }
    }

    /** What does not fit into an array would be told as a lack of memory. */
    @Test
    void aFileThatIsFarTooLargeIsNamed() throws IOException {
        for (String name : List.of(
                "run/state.json", "run/head.txt", "run/service.json", "run/records.bin", "run-keys/issuer.keys")) {
            Path copy = temp.resolve("copy");
            copy(whole, copy);
            stretch(copy.resolve(name));
            plan(copy).refused(Path.of(name).getFileName().toString(), "is larger than");
            Folders.delete(copy);
        }
        Path large = Files.createFile(temp.resolve("large"));
        stretch(large);
        Path run = whole.resolve("run");
        amend4j("unlearn", "plan", run, "--data", table, "--subjects-file", large)
                .refused("--subjects-file", "larger");
        amend4j("unlearn", "verify", run, "--public-key", large).refused("--public-key: '" + large + "' is neither");
        assertEquals(
                2,
                amend4j("unlearn", "verify", large, "--html", temp.resolve("page.html"))
                        .code());
    }

    /** A certificate beside the one that is verified may be of any size; so may a file that was made of a hole. */
    @Test
    void aFileThatIsFarTooLargeForACertificateIsNotReadToItsEnd() throws IOException {
        Path run = whole.resolve("run");
        try (var channel = java.nio.channels.FileChannel.open(
                run.resolve("releases/1/certificate.json"), java.nio.file.StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.allocate(1), 1L << 42);
        }
        Ran ran = org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                java.time.Duration.ofSeconds(60), () -> amend4j("unlearn", "verify", run));
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.out().contains("is larger than"), ran.out());
        plan(whole).refused("certificate.json", "is larger than");
    }

    @Test
    void damagedJsonIsToldInWordsAboutTheFile() throws IOException {
        for (String name : List.of("service.json", "state.json")) {
            Path file = whole.resolve("run").resolve(name);
            String sound = Files.readString(file);
            int start = sound.indexOf('{') + 1;
            for (String damaged : List.of(
                    sound.substring(0, sound.length() / 2),
                    sound.substring(0, start) + "\"more\":7," + sound.substring(start),
                    sound.replaceFirst("(?<=[:, ])\\d+", "{\"a\":[]}"),
                    sound.replaceFirst("(?<=[:, ])\\d+", "NaN"),
                    sound.replaceFirst("(?<=[:, ])\\d+", "null"),
                    sound.replaceFirst("(?<=[:, ])\\d+", "1e999999999"),
                    sound.replaceFirst("(?<=[:, ])\\d+", "9".repeat(5000)),
                    "[".repeat(5000),
                    "[1]",
                    "",
                    "\u001b[31mhello")) {
                Path copy = temp.resolve("copy");
                copy(whole, copy);
                Files.writeString(copy.resolve("run").resolve(name), damaged);
                assertEquals(2, forget(copy, "p2").code(), name + " " + damaged);
                requireRefusedOrDone(copy, file, name);
                Folders.delete(copy);
            }
        }
    }

    @Test
    void aChangedByteIsRefusedOrChangesNoModel() throws IOException {
        Path reference = temp.resolve("reference");
        copy(whole, reference);
        forget(reference, "p2").done();
        double[] expected = released(reference);
        Random random = new Random(1);
        int refused = 0;
        List<Path> files;
        try (Stream<Path> all = Files.walk(whole)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            for (int at : places(bytes, file.endsWith("service.json"), random)) {
                String where = whole.relativize(file) + " at " + at;
                Path copy = temp.resolve("copy");
                copy(whole, copy);
                Files.write(copy.resolve(whole.relativize(file).toString()), changed(bytes, at));
                Ran ran = forget(copy, "p2");
                if (ran.code() == 0) {
                    assertArrayEquals(expected, released(copy), 0, where);
                } else {
                    assertEquals(2, ran.code(), where + ": " + ran.err());
                    assertEquals(1, ran.err().trim().lines().count(), where + ": " + ran.err());
                    refused++;
                }
                Folders.delete(copy);
            }
        }
        assertTrue(refused > 20, refused + " were refused");
    }
}
