/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.app.cli.Ran;
import org.amend4j.app.files.FolderLock;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.SubjectKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heads of ledgers, kept elsewhere and witnessed, from the command line. */
class HeadCommandsTest {

    private static final int SUBJECTS = 100;

    @TempDir
    private Path temp;

    private Path run = Path.of("");
    private Path keys = Path.of("");
    private Path table = Path.of("");
    private String publicKey = "";

    @BeforeEach
    void trainAndForget() throws IOException {
        Path model = SavedHeads.write(temp.resolve("model.zip"), 2);
        Random random = new Random(1);
        StringBuilder rows = new StringBuilder("person,a,b,kind\n");
        for (int i = 0; i < SUBJECTS; i++) {
            double angle = random.nextDouble() * 2 * Math.PI;
            String kind = Math.cos(angle) > 0 ? "yes" : "no";
            rows.append(String.format(
                    Locale.ROOT, "p%d,%.6f,%.6f,%s%n", i, 0.9 * Math.cos(angle), 0.9 * Math.sin(angle), kind));
        }
        table = Files.writeString(temp.resolve("table.csv"), rows);
        run = temp.resolve("run");
        keys = temp.resolve("run-keys");
        String learning = "--label kind --owner person --steps 5 --step-size 0.3 --weight-decay 0.2"
                + " --planned-records 128 --feature-radius 1";
        List<Object> words =
                new ArrayList<>(List.of("unlearn", "train", model, "--data", table, "--out", run, "--json"));
        words.addAll(List.of((Object[]) learning.split(" ", -1)));
        JsonNode trained = Ran.amend4j(words.toArray()).done().json();
        assertEquals(1, trained.path("head").path("size").asInt());
        assertTrue(Files.exists(run.resolve("head.txt")));
        JsonNode forgotten = delete("p0").json();
        assertTrue(forgotten.path("released").asBoolean(), forgotten.toString());
        publicKey = Files.readString(keys.resolve("issuer.public")).strip();
    }

    private Ran delete(String person) {
        return Ran.amend4j("unlearn", "delete", run, "--data", table, "--json", "--subject", person, "--way", "retrain")
                .done();
    }

    private Ran verify(Object... more) {
        List<Object> words = new ArrayList<>(List.of("unlearn", "verify", run, "--public-key", publicKey));
        words.addAll(List.of(more));
        return Ran.amend4j(words.toArray());
    }

    private Ran cosign(Path head, Object... more) {
        List<Object> words = new ArrayList<>(
                List.of("unlearn", "cosign", head, "--ledger", run, "--public-key", publicKey, "--json"));
        words.addAll(List.of("--witness-keys", temp.resolve("witness")));
        words.addAll(List.of(more));
        return Ran.amend4j(words.toArray());
    }

    private Path keep(String name) throws IOException {
        Path kept = temp.resolve(name);
        Ran.amend4j("unlearn", "head", run, "--out", kept).done();
        return kept;
    }

    @Test
    void theHeadInTheFolderIsTheOneThatTheCommandWrites() throws IOException {
        assertArrayEquals(Files.readAllBytes(run.resolve("head.txt")), Files.readAllBytes(keep("kept.txt")));
        Ran printed = Ran.amend4j("unlearn", "head", run).done();
        assertEquals(
                Files.readString(run.resolve("head.txt")).strip(), printed.out().strip());
        Ran.amend4j("unlearn", "head", run, "--keys", temp.resolve("none")).refused("there is no folder");
        Ran.amend4j("unlearn", "head", temp).refused("");
    }

    @Test
    void aKeptHeadPassesAndAnOlderOneSaysWhatCameAfter() throws IOException {
        Path kept = keep("kept.txt");
        assertTrue(verify("--head", kept).done().out().contains("0 came after; signed by the issuer"));
        assertTrue(verify().done().out().contains("not checked  kept head"));
        delete("p1");
        String later = verify("--head", kept).done().out();
        assertFalse(later.contains(" 0 came after"), later);
        verify("--head", temp.resolve("none")).refused("--head: there is no file");
        verify("--witness", "w").refused("--witness needs --head");
    }

    /** Everything that the operator has was put back to what it was: only what was kept elsewhere shows it. */
    @Test
    void aFolderThatWasRolledBackFails() throws IOException {
        Path ledger = run.resolve("deletions.jsonl");
        Path inside = run.resolve("head.txt");
        byte[] before = Files.readAllBytes(ledger);
        byte[] headBefore = Files.readAllBytes(inside);
        Ran.amend4j("unlearn", "delete", run, "--data", table, "--subject", "p1", "--request-only")
                .done();
        Path kept = keep("kept.txt");
        Files.write(ledger, before);
        // the service itself knows its newest head
        Ran.amend4j("unlearn", "plan", run, "--data", table, "--subject", "p2").refused("entries are missing");
        Files.write(inside, headBefore);
        verify().done();
        Ran failed = verify("--head", kept);
        assertEquals(2, failed.code());
        assertTrue(failed.out().contains("when the head was kept: entries are missing"), failed.out());

        SubjectKey subjects = KeyFolder.open(keys)
                .ofRun(SettingsFile.read(run).origin().run())
                .subjects();
        try (DeletionLedger forged = DeletionLedger.open(run, subjects, Clock.systemUTC())) {
            forged.receive(List.of("p3", "p4", "p5"));
        }
        Ran rewritten = verify("--head", kept);
        assertEquals(2, rewritten.code());
        assertTrue(rewritten.out().contains("are not those of the head"), rewritten.out());
        verify().done();
    }

    @Test
    void aWitnessSignsOnlyWhatGoesOnFromWhatItSigned() throws IOException {
        Path first = keep("first.txt");
        JsonNode signed = cosign(first).done().json();
        String witness = signed.path("witness").asText();
        assertEquals(
                witness,
                Files.readString(temp.resolve("witness/witness.public")).strip());
        assertTrue(verify("--head", first, "--witness", witness).done().out().contains("amend4j/witness/"));
        assertTrue(verify("--head", first, "--witness", temp.resolve("witness/witness.public"))
                .done()
                .out()
                .contains("amend4j/witness/"));
        byte[] ledgerBefore = Files.readAllBytes(run.resolve("deletions.jsonl"));
        delete("p1");
        Path second = keep("second.txt");
        assertEquals(2, verify("--head", second, "--witness", witness).code(), "not signed yet");
        cosign(second, "--previous", first).done();
        verify("--head", second, "--witness", witness).done();

        // an earlier head, a ledger without the newest, a stranger's key and no head at all
        Path older = Files.copy(first, temp.resolve("older.txt"));
        byte[] bytes = Files.readAllBytes(older);
        cosign(older).refused("only later heads are signed");
        cosign(second, "--previous", keep("unsigned.txt")).refused("does not have this witness's signature");
        Files.write(run.resolve("deletions.jsonl"), ledgerBefore);
        cosign(second).refused("entries are missing");
        cosign(older).refused("entries are missing");
        cosign(table).refused("is not a head of a ledger");
        cosign(temp.resolve("none")).refused("is not a head of a ledger");
        assertArrayEquals(bytes, Files.readAllBytes(older));
        String forged = new String(bytes, StandardCharsets.UTF_8).replaceFirst("\n[0-9]+\n", "\n3\n");
        cosign(Files.writeString(temp.resolve("forged.txt"), forged))
                .refused("is not signed by the key of --public-key");
    }

    @Test
    void nothingButAHeadIsReplacedByOneAndNothingIsPutIntoARelease() throws IOException {
        Path kept = keep("kept.txt");
        keep("kept.txt");
        Path other = temp.resolve("other.txt");
        Files.writeString(other, Files.readString(kept).replace("amend4j/deletions/", "amend4j/deletions/0"));
        Path release = run.resolve("releases/1");
        Path[] needed = {
            run.resolve("deletions.jsonl"),
            run.resolve("state.json"),
            run.resolve("vault/keys.ring"),
            keys.resolve("issuer.keys"),
            table,
            other
        };
        for (Path file : needed) {
            byte[] before = Files.readAllBytes(file);
            Ran.amend4j("unlearn", "head", run, "--out", file).refused("is not a head of this ledger");
            cosign(kept, "--out", file).refused("is not a head of this ledger");
            assertArrayEquals(before, Files.readAllBytes(file));
        }
        assertFalse(Files.exists(temp.resolve("witness")));
        String refusal = "would be in a release";
        Ran.amend4j("unlearn", "head", run, "--out", release.resolve("h.txt")).refused(refusal);
        cosign(kept, "--out", release.resolve("h.txt")).refused(refusal);
        Ran.amend4j("unlearn", "open", run, "--data", table, "--out", release.resolve("o.json"))
                .refused(refusal);
        Ran.amend4j("unlearn", "plan", run, "--data", table, "--subject", "p1", "--out", release)
                .refused(refusal);
        verify("--head", kept).done();
    }

    @Test
    void whatIsNoKeyOrDamagedIsOneSentence() throws IOException {
        Path kept = keep("kept.txt");
        for (Object none : new Object[] {"", "no-such-file", "AAAA", run, keys.resolve("issuer.keys"), table}) {
            Ran.amend4j("unlearn", "verify", run, "--public-key", none)
                    .refused("--public-key: '" + none + "' is neither");
            verify("--head", kept, "--witness", none).refused("--witness: '" + none + "' is neither");
        }
        Ran.amend4j("unlearn", "cosign", kept, "--ledger", run, "--public-key", publicKey, "--witness-keys", keys)
                .refused("holds an issuer's keys");
        cosign(kept).done();
        try (Stream<Path> files = Files.list(temp.resolve("witness"))) {
            for (Path file : files.filter(one ->
                            !one.endsWith("witness.public") && !one.toString().endsWith(".lock"))
                    .toList()) {
                byte[] before = Files.readAllBytes(file);
                Files.writeString(file, "\uFEFF");
                cosign(kept).refused("--witness-keys: ");
                Files.write(file, before);
            }
        }
        cosign(kept).done();
    }

    /** Names that our own writers use, and no others. */
    /** Where the folders are missing they are made; where nothing can be, that is bad input. */
    @Test
    void openingsAndWitnessesGoWhereFoldersCanBeMadeAndAreRefusedElsewhere() throws IOException {
        Path opening = temp.resolve("new/folder/opening.json");
        Object[] open = {"unlearn", "open", run, "--data", table, "--out"};
        Ran.amend4j(open, opening).done();
        // it says which records were deleted
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(opening)));
        Path plain = Files.createFile(temp.resolve("plain"));
        Ran.amend4j(open, plain.resolve("opening.json")).refused("--out: cannot write");
        Object[] cosign = {"unlearn", "cosign", keep("kept.txt"), "--ledger", run, "--public-key", publicKey};
        Ran.amend4j(cosign, "--witness-keys", plain.resolve("witness")).refused("--witness-keys: cannot write");
    }

    @Test
    void whatKilledWritersLeftBesideKeysIsRemovedAndNothingElse() throws IOException {
        Path witness = temp.resolve("witness");
        Path kept = keep("kept.txt");
        cosign(kept).done();
        String uuid = "01234567-89ab-cdef-0123-456789abcdef";
        List<Path> left = List.of(
                keys.resolve(".checkpoints.key." + uuid + ".tmp"),
                keys.resolve(".issuer.keys." + uuid + ".tmp"),
                keys.resolve(".4711.issuer.public"),
                witness.resolve(".witness.keys." + uuid + ".tmp"),
                witness.resolve(".4711.witness.public"),
                witness.resolve(".4711.head-00ff.txt"));
        List<Path> others = List.of(
                keys.resolve(".other.key." + uuid + ".tmp"),
                keys.resolve(".issuer.keys.old.tmp"),
                keys.resolve("4711.issuer.public"),
                witness.resolve(".swp"),
                witness.resolve(".4711.head.txt"));
        for (List<Path> files : List.of(left, others)) {
            for (Path file : files) {
                Files.writeString(file, "half");
            }
        }
        cosign(kept).done();
        KeyFolder before = KeyFolder.open(keys);
        KeyFolder after = KeyFolder.openOrCreate(keys);
        assertEquals(before.issuer().publicKey(), after.issuer().publicKey());
        left.forEach(file -> assertFalse(Files.exists(file), file.toString()));
        others.forEach(file -> assertTrue(Files.exists(file), file.toString()));
    }

    /** A maker's temporary files are no leftovers while it lives. */
    @Test
    void keysThatAreBeingMadeAreLeftAlone() throws IOException {
        Path temporary = Files.writeString(keys.resolve(".4711.issuer.public"), "half");
        try (FolderLock claim = FolderLock.of("--keys", keys.resolve("issuer.keys"))) {
            KeyFolder.openOrCreate(keys);
            assertTrue(Files.exists(temporary));
        }
    }

    /** Two at a time could sign two heads of which neither is the beginning of the other. */
    @Test
    void aWitnessSignsForOneRunAtATime() throws IOException {
        Path kept = keep("kept.txt");
        cosign(kept).done();
        try (FolderLock claim = FolderLock.of("--witness-keys", temp.resolve("witness/witness.keys"))) {
            cosign(kept).refused("--witness-keys: another run is writing to ");
        }
        cosign(kept).done();
    }
}
