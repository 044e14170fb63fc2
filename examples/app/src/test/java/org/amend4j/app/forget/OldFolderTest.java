/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.app.cli.Ran;
import org.amend4j.model.BaseModel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder of format 1, made by the last release that wrote it: 24 rows of 8 subjects, p1 forgotten. {@code after-p2.txt} has the
 * parameters that the same release came to when p2 was forgotten after that.
 */
class OldFolderTest {

    @TempDir
    private Path temp;

    private Path run = Path.of("");
    private Path table = Path.of("");

    @BeforeEach
    void copy() throws Exception {
        Path from = Path.of(URI.create(String.valueOf(OldFolderTest.class.getResource("format1/table.csv"))))
                .getParent();
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path to = temp.resolve("old").resolve(from.relativize(file).toString());
                Files.copy(file, to);
            }
        }
        run = temp.resolve("old/run");
        table = temp.resolve("old/table.csv");
        // what a repository does not keep
        Path keys = temp.resolve("old/keys");
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwx------"));
        for (String key : List.of("batches.key", "checkpoints.key", "subjects.key", "issuer.keys")) {
            Files.setPosixFilePermissions(keys.resolve(key), PosixFilePermissions.fromString("rw-------"));
        }
    }

    private Ran on(String command, String subject) {
        return amend4j(
                "unlearn", command, run, "--keys", temp.resolve("old/keys"), "--data", table, "--subject", subject);
    }

    private void erase(String person) throws IOException {
        Files.write(
                table,
                Files.readAllLines(table).stream()
                        .filter(line -> !line.startsWith(person + ","))
                        .toList());
    }

    private static double[] numbers(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    @Test
    void itForgetsBitForBitAsTheReleaseThatMadeItWithOrWithoutTheForgottenRows() throws IOException {
        // version 1 does not say who chose the planned records
        assertTrue(on("plan", "p2").done().out().startsWith("planned records derived from the table"));
        assertTrue(Files.exists(run.resolve("records.bin")));
        erase("p1");
        assertTrue(amend4j(
                        "unlearn",
                        "delete",
                        run,
                        "--keys",
                        temp.resolve("old/keys"),
                        "--data",
                        table,
                        "--subject",
                        "p2",
                        "--way",
                        "retrain")
                .done()
                .out()
                .contains("releases/2"));
        // its records are told by nothing any more
        assertFalse(Files.readString(run.resolve("state.json")).contains("\"ids\""));
        double[] released = BaseModel.open(run.resolve("releases/2/model.zip"))
                .network()
                .params()
                .toDoubleVector();
        assertArrayEquals(numbers(temp.resolve("old/after-p2.txt")), released, 0);
        erase("p2");
        assertTrue(on("delete", "p1").done().out().contains("forgotten before"));
        assertTrue(on("delete", "p2").done().out().contains("forgotten before"));
        assertTrue(amend4j("unlearn", "verify", run, "--public-key", temp.resolve("old/keys/issuer.public"))
                .done()
                .out()
                .contains("VALID"));
    }

    @Test
    void theFirstTimeItNeedsAllOfTheData() throws IOException {
        erase("p1");
        on("plan", "p2").refused("other data");
        assertFalse(Files.exists(run.resolve("records.bin")));
    }

    @Test
    void itIsAsItWasUntilItForgets() throws IOException {
        String before = Files.readString(run.resolve("state.json"));
        on("plan", "p2").done();
        assertEquals(before, Files.readString(run.resolve("state.json")));
    }
}
