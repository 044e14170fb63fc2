/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.amend4j.app.cli.Ran;
import org.amend4j.internal.digest.Sha256;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two models of the same people, with one folder of keys. */
class SharedKeysTest {

    private static final int SUBJECTS = 12;

    @TempDir
    private Path temp;

    private Path table = Path.of("");
    private Path keys = Path.of("");

    @BeforeEach
    void makeTable() throws IOException {
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
        keys = temp.resolve("keys");
    }

    private Path train(String name, String more) throws IOException {
        Path head = SavedHeads.write(temp.resolve("head.zip"), 3);
        Path run = temp.resolve(name);
        String options = "--label kind --owner person --steps 12 --step-size 0.3 --weight-decay 0.2"
                + " --feature-radius 1 --planned-records 64 --delta 1e-5 --checkpoints every:4 " + more;
        List<Object> train =
                new ArrayList<>(List.of("unlearn", "train", head, "--data", table, "--keys", keys, "--out", run));
        train.addAll(List.of(options.strip().split(" +", -1)));
        amend4j(train.toArray()).done();
        return run;
    }

    private Ran on(String command, Path run, Object... more) {
        List<Object> all = new ArrayList<>(List.of("unlearn", command, run, "--data", table, "--keys", keys));
        all.addAll(List.of(more));
        return amend4j(all.toArray());
    }

    private JsonNode certificate(Path run) throws IOException {
        return new ObjectMapper()
                .readTree(run.resolve("releases/1/certificate.json").toFile())
                .path("certificate");
    }

    private static Set<String> pseudonyms(Path run) throws IOException {
        Set<String> found = new HashSet<>();
        var matcher = java.util.regex.Pattern.compile("[0-9a-f]{64}")
                .matcher(Files.readString(run.resolve("deletions.jsonl")));
        while (matcher.find()) {
            found.add(matcher.group());
        }
        return found;
    }

    @Test
    void twoRunsWithOneFolderOfKeysLinkNobodyAndBothAreValid() throws IOException {
        Path one = train("one", "--classes no,yes --batches keyed:0.5");
        Path other = train("other", "--classes no,yes --batches keyed:0.5");
        for (Path run : List.of(one, other)) {
            on("delete", run, "--subject", "p1", "--method", "retrain").done();
            amend4j("unlearn", "verify", run, "--public-key", keys.resolve("issuer.public"))
                    .done();
        }
        Set<String> common = pseudonyms(one);
        common.retainAll(pseudonyms(other));
        common.remove("0".repeat(64));
        common.remove(Sha256.hex(""));
        assertEquals(Set.of(), common, "nothing of 64 digits is in both ledgers");
        assertFalse(certificate(one)
                .at("/deletion/subjects")
                .equals(certificate(other).at("/deletion/subjects")));
        assertFalse(
                certificate(one).at("/bound/steps").equals(certificate(other).at("/bound/steps")),
                "two runs have batches of their own");
        assertEquals(
                certificate(one).at("/commitments").size(),
                certificate(other).at("/commitments").size());
    }

    @Test
    void classesThatWereFoundInTheTableAreDerivedAndNamedOnesAreNot() throws IOException {
        Path found = train("found", "");
        Path named = train("named", "--classes no,yes");
        for (Path run : List.of(found, named)) {
            on("delete", run, "--subject", "p1", "--method", "retrain").done();
        }
        assertTrue(certificate(found).path("derived").toString().contains("classes found in the table"));
        assertEquals("ASSUMED", certificate(found).path("level").asText());
        assertTrue(certificate(found).path("title").asText().contains("UNDER ASSUMPTIONS"));
        assertEquals(0, certificate(named).path("derived").size());
    }
}
