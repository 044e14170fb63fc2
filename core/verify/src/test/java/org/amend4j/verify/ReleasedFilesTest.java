/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amend4j.certificate.Digests;
import org.amend4j.verify.Check.Outcome;
import org.amend4j.verify.Claims.ReleasedFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder against what a certificate names of it. */
class ReleasedFilesTest {

    @TempDir
    Path temp;

    private Path folder;
    private List<ReleasedFile> named;

    @BeforeEach
    void aRelease() throws IOException {
        folder = Files.createDirectory(temp.resolve("release"));
        Files.createDirectory(folder.resolve("part"));
        Files.writeString(folder.resolve("model.bin"), "weights");
        Files.writeString(folder.resolve("part/\"notes\"\t.txt"), "");
        Files.writeString(folder.resolve(".hidden"), "x");
        Files.writeString(folder.resolve("certificate.json"), "not named");
        named = List.of(
                new ReleasedFile(".hidden", 1, hash("x")),
                new ReleasedFile("model.bin", 7, hash("weights")),
                new ReleasedFile("part/\"notes\"\t.txt", 0, hash("")));
    }

    private static String hash(String text) {
        return new Sha256().add(text).hex();
    }

    private List<String> differences() throws IOException {
        return ReleasedFiles.differences(folder, named);
    }

    @Test
    void whatIsNamedIsThere() throws IOException {
        assertEquals(List.of(), differences());
    }

    @Test
    void eachDifferenceIsNamed() throws IOException {
        Files.createDirectory(folder.resolve("par"));
        Files.writeString(folder.resolve("model.bin"), "weightS");
        Files.writeString(folder.resolve(".hidden"), "xx");
        Files.writeString(folder.resolve("part/certificate.json"), "");
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("model.bin"));
        Files.createSymbolicLink(folder.resolve("linked"), folder.resolve("part"));
        Files.delete(folder.resolve("part/\"notes\"\t.txt"));
        assertEquals(
                List.of(
                        ".hidden is another",
                        "link is no file",
                        "linked is no file",
                        "model.bin is another",
                        "a folder par is there that is not named",
                        "part/certificate.json is there and not named",
                        "part/\"notes\"\t.txt is missing"),
                differences());
        named = List.of(new ReleasedFile("b", 0, hash("")), new ReleasedFile("a", 0, hash("")));
        List<String> missing = differences();
        assertEquals(List.of("a is missing", "b is missing"), missing.subList(missing.size() - 2, missing.size()));
    }

    /** The size is compared, too: it is what people look at. */
    @Test
    void aSizeThatIsNotSoIsNoticed() throws IOException {
        named = List.of(named.get(0), new ReleasedFile("model.bin", 8, hash("weights")), named.get(2));
        assertEquals(List.of("model.bin is another"), differences());
    }

    /** docs/certificate.md: SHA-256 of the canonical list of files. */
    @Test
    void theListIsWrittenAsRfc8785HasIt() {
        assertEquals(
                "[{\"name\":\".hidden\",\"sha256\":\"" + hash("x")
                        + "\",\"size\":1},{\"name\":\"model.bin\",\"sha256\":\""
                        + hash("weights") + "\",\"size\":7},{\"name\":\"part/\\\"notes\\\"\\t.txt\",\"sha256\":\""
                        + hash("")
                        + "\",\"size\":0}]",
                ReleasedFiles.canonical(named));
        assertEquals("[]", ReleasedFiles.canonical(List.of()));
    }

    /** Format 1: every file but hidden ones and the certificate. */
    @Test
    void format1HashesTheFolderAsDigestsDoes() throws IOException {
        assertEquals(Digests.ofFolder(folder), Sha256.ofFolder(folder));
        Files.writeString(folder.resolve(".hidden"), "y");
        Files.writeString(folder.resolve("certificate.json"), "y");
        String before = Sha256.ofFolder(folder);
        assertEquals(
                new Sha256()
                        .add("model.bin")
                        .add(new byte[1])
                        .add(new Sha256().add("weights").bytes())
                        .add("part/\"notes\"\t.txt")
                        .add(new byte[1])
                        .add(new Sha256().bytes())
                        .hex(),
                before);
        Files.writeString(folder.resolve("model.bin"), "weightS");
        assertTrue(!Sha256.ofFolder(folder).equals(before));
    }

    @Test
    void theCheckSaysWhatDiffers() throws IOException {
        Document first = ClaimRulesTest.start("first");
        assertEquals(Outcome.NOT_CHECKED, check(first, VerifierInputs.none()).outcome());
        assertEquals(
                "they are not those of the certificate",
                check(first, VerifierInputs.none().withRelease(folder)).sentence());
        Document right = first.with("hashes.model=\"" + Sha256.ofFolder(folder) + "\"");
        assertEquals(
                Outcome.PASSED,
                check(right, VerifierInputs.none().withRelease(folder)).outcome());
        Document plain = ClaimRulesTest.start("plain");
        Check second = check(plain, VerifierInputs.none().withRelease(folder));
        assertEquals(Outcome.FAILED, second.outcome());
        assertTrue(second.sentence().startsWith(".hidden is there and not named; model.bin is another"));
        Check file = check(plain, VerifierInputs.none().withRelease(folder.resolve("model.bin")));
        assertTrue(file.outcome() == Outcome.FAILED && file.sentence().endsWith("is not a folder"));
        Files.delete(folder.resolve(".hidden"));
        Files.delete(folder.resolve("part/\"notes\"\t.txt"));
        Files.delete(folder.resolve("part"));
        Document true2 = plain.with("release.files.0.sha256=\"" + hash("weights") + "\"");
        assertEquals(
                Outcome.PASSED,
                check(true2, VerifierInputs.none().withRelease(folder)).outcome());
    }

    private static Check check(Document document, VerifierInputs inputs) {
        return Document.named("released files", new OutsideChecks(document.signed("0".repeat(64)), inputs).all());
    }

    @Test
    void aFileIsHashedWholeAndReadWholeIfItIsSmall() throws IOException, RejectedException {
        byte[] large = new byte[(1 << 16) + 5];
        large[1 << 16] = 7;
        Path file = Files.write(temp.resolve("large"), large);
        assertEquals(new Sha256().add(large).hex(), Sha256.hexOfFile(file));
        assertEquals(large.length, SmallFiles.read(file, large.length).length);
        String sentence = assertThrows(RejectedException.class, () -> SmallFiles.read(file, large.length - 1))
                .sentence();
        assertTrue(sentence.endsWith("is larger than 65540 bytes"), sentence);
        assertEquals("a", new String(SmallFiles.read(Files.writeString(file, "a"), 1), StandardCharsets.UTF_8));
        assertTrue(assertThrows(RejectedException.class, () -> SmallFiles.read(temp, 1))
                .sentence()
                .contains("not a file"));
    }
}
