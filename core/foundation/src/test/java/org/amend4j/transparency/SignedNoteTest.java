/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transparency;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.amend4j.keys.SigningKeys;
import org.amend4j.testkit.Refusals;
import org.amend4j.transparency.SignedNote.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignedNoteTest {

    /** The note and the key of c2sp.org/signed-note, section "Verifier keys". */
    private static final String PUBLISHED = """
            This is an example message.

            \u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
            """;

    private static final String KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    /** The checkpoint of c2sp.org/tlog-cosignature; its keys are not published. */
    private static final String CHECKPOINT = """
            example.com/behind-the-sofa
            20852163
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

            \u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
            \u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
            """;

    private static final Instant TIME = Instant.ofEpochSecond(1679315147);

    @TempDir
    Path temp;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private SigningKeys keys(String name) throws IOException {
        return SigningKeys.openOrCreate(temp.resolve(name));
    }

    @Test
    void ofALongNameAMessageShowsTheBeginning() {
        String name = "n".repeat(250);
        for (String key : new String[] {KEY.replace("example.com/foo", name), name + "+00000000+AQ" + "/".repeat(42)}) {
            String refusal = Refusals.sentence(org.junit.jupiter.api.Assertions.assertThrows(
                    IllegalArgumentException.class, () -> NoteKey.parse(key)));
            assertTrue(refusal.contains("'" + "n".repeat(60) + "…'") && refusal.length() < 150, refusal);
        }
    }

    @Test
    void thePublishedNoteIsSignedByThePublishedKey() {
        SignedNote note = SignedNote.parse(bytes(PUBLISHED));
        NoteKey key = NoteKey.parse(KEY);
        assertEquals(Verdict.SIGNED, note.by(key));
        assertEquals("This is an example message.\n", note.text());
        assertEquals(KEY, key.toString());
        assertArrayEquals(bytes(PUBLISHED), note.bytes());
        SignedNote other = SignedNote.parse(bytes(PUBLISHED.replace("message", "massage")));
        assertEquals(Verdict.FORGED, other.by(key));
    }

    /** Keys of public logs and witnesses, of both kinds: their ids are as they are computed here. */
    @Test
    void keysThatOthersPublishedHaveTheirIds() {
        for (String published : List.of(
                KEY,
                "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
                "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")) {
            assertEquals(published, NoteKey.parse(published).toString());
        }
        assertEquals(
                NoteKey.Kind.COSIGNATURE,
                NoteKey.parse("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")
                        .kind());
    }

    @Test
    void thePublishedCheckpointIsReadAndWrittenAgain() {
        SignedNote note = SignedNote.parse(bytes(CHECKPOINT));
        LogCheckpoint checkpoint = LogCheckpoint.of(note);
        assertEquals("example.com/behind-the-sofa", checkpoint.origin());
        assertEquals(20852163, checkpoint.head().size());
        assertEquals(note.text(), checkpoint.text());
        assertArrayEquals(bytes(CHECKPOINT), note.bytes());
    }

    /** The message and the bytes of the line, put together anew from the text of c2sp.org/tlog-cosignature. */
    @Test
    void aWitnessSignsTextAndTime() throws Exception {
        LogCheckpoint checkpoint = new LogCheckpoint("a/log", new TreeHead(7, TreeHash.leaf(new byte[3])));
        SigningKeys issuer = keys("issuer");
        SigningKeys witness = keys("witness");
        SignedNote note = SignedNote.signed(checkpoint.text(), "a/log", issuer).cosigned("w", witness, TIME);
        NoteKey issuerKey = NoteKey.of("a/log", NoteKey.Kind.NOTE, issuer.publicKey());
        NoteKey witnessKey = NoteKey.of("w", NoteKey.Kind.COSIGNATURE, witness.publicKey());
        assertEquals(Verdict.SIGNED, note.by(issuerKey));
        assertEquals(Verdict.SIGNED, note.by(witnessKey));
        assertEquals(Optional.of(TIME), note.cosignedAt(witnessKey));
        assertEquals(Optional.empty(), note.cosignedAt(issuerKey));
        assertEquals(Verdict.ABSENT, note.by(NoteKey.of("w", NoteKey.Kind.NOTE, witness.publicKey())));
        assertEquals(Verdict.ABSENT, note.by(NoteKey.of("v", NoteKey.Kind.COSIGNATURE, witness.publicKey())));

        String line = new String(note.bytes(), StandardCharsets.UTF_8)
                .lines()
                .toList()
                .get(5);
        byte[] blob = Base64.getDecoder().decode(line.substring("\u2014 w ".length()));
        assertEquals(4 + 8 + 64, blob.length);
        byte[] message = bytes("cosignature/v1\ntime 1679315147\n" + checkpoint.text());
        byte[] signature = witness.sign(message);
        for (int i = 0; i < 64; i++) {
            assertEquals(signature[i], blob[12 + i], "Ed25519 is deterministic");
        }
        SignedNote again = note.cosigned("w", witness, TIME.plusSeconds(1));
        assertEquals(note.bytes().length, again.bytes().length, "a witness has one line");
        assertEquals(Optional.of(TIME.plusSeconds(1)), again.cosignedAt(witnessKey));
    }

    /** 2,000 changes of one byte: the note is refused, or another one that nobody signed, or a signature is missing. */
    @Test
    void noChangedByteLeavesBothSignatures() throws IOException {
        SigningKeys issuer = keys("issuer");
        SigningKeys witness = keys("witness");
        LogCheckpoint checkpoint = new LogCheckpoint("a/log", new TreeHead(7, TreeHash.leaf(new byte[3])));
        byte[] sound = SignedNote.signed(checkpoint.text(), "a/log", issuer)
                .cosigned("w", witness, TIME)
                .bytes();
        NoteKey issuerKey = NoteKey.of("a/log", NoteKey.Kind.NOTE, issuer.publicKey());
        NoteKey witnessKey = NoteKey.of("w", NoteKey.Kind.COSIGNATURE, witness.publicKey());
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            byte[] changed = sound.clone();
            int at = random.nextInt(sound.length);
            changed[at] ^= (byte) (1 + random.nextInt(255));
            try {
                SignedNote note = SignedNote.parse(changed);
                boolean both = note.by(issuerKey) == Verdict.SIGNED && note.by(witnessKey) == Verdict.SIGNED;
                assertTrue(!both, "seed " + seed + ", byte " + at);
            } catch (IllegalArgumentException e) {
                Refusals.sentence(e);
            }
        }
    }

    @Test
    void hostileNotesAreRefusedInOneSentence() {
        String sound = CHECKPOINT;
        refused("an empty line", () -> SignedNote.parse(new byte[0]));
        refused("an empty line", () -> SignedNote.parse(bytes("text\n")));
        refused("have a signature", () -> SignedNote.parse(bytes("text\n\n")));
        refused("a dash", () -> SignedNote.parse(bytes(sound.replace("\u2014", "-"))));
        refused("a dash", () -> SignedNote.parse(bytes(sound + "\u2014 name\n")));
        refused("line feed", () -> SignedNote.parse(bytes(sound.substring(0, sound.length() - 1))));
        refused("control characters", () -> SignedNote.parse(bytes(sound.replace("\n", "\r\n"))));
        refused("UTF-8", () -> SignedNote.parse(sound.getBytes(StandardCharsets.UTF_16)));
        refused("base64", () -> SignedNote.parse(bytes(sound.replace("jWbP", "j*bP"))));
        refused("canonical base64", () -> SignedNote.parse(bytes(sound.replace("qnA==", "qnB=="))));
        refused("more than 4 bytes", () -> SignedNote.parse(bytes("a\n\n\u2014 b AAAA\n")));
        refused("no '+'", () -> SignedNote.parse(bytes(sound.replace("/w1 ", "+w1 "))));
        String line = sound.substring(sound.lastIndexOf('\u2014'));
        refused("one signature of a key", () -> SignedNote.parse(bytes(sound + line)));
        refused("at most 64", () -> SignedNote.parse(bytes(sound + line.repeat(64))));
        refused("at most 262144 bytes", () -> SignedNote.parse(new byte[(1 << 18) + 1]));
    }

    @Test
    void hostileHeadsAreRefusedInOneSentence() {
        for (String text : List.of(
                CHECKPOINT.replace("20852163\n", ""),
                CHECKPOINT.replace("q2I=\n", "q2I=\nextension\n"),
                CHECKPOINT.replace("20852163", "020852163"),
                CHECKPOINT.replace("20852163", "-1"),
                CHECKPOINT.replace("20852163", "2147483648"),
                CHECKPOINT.replace("20852163", "99999999999999999999"),
                CHECKPOINT.replace("20852163", "0"),
                CHECKPOINT.replace("CsUY", "sUY"),
                CHECKPOINT.replace("q2I=", "q2J="),
                CHECKPOINT.replaceFirst("example.com/", "example com/"),
                CHECKPOINT.replace("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "AAAA"))) {
            assertNotEquals(CHECKPOINT, text);
            SignedNote note = SignedNote.parse(bytes(text));
            refused("", () -> LogCheckpoint.of(note));
        }
    }

    @Test
    void hostileKeysAreRefusedInOneSentence() {
        for (String key : List.of(
                "",
                "name",
                "name+530d903a",
                KEY.replace("530d903a", "530d903b"),
                KEY.replace("530d903a", "530D903A"),
                KEY.replace("foo", "fop"),
                KEY.replace("AekyeR", "AukyeR"),
                KEY.replace("AekyeR", "Aek"),
                KEY + "=",
                KEY + "\n",
                " " + KEY)) {
            refused("", () -> NoteKey.parse(key));
        }
        refused("base64", () -> NoteKey.of("a", NoteKey.Kind.NOTE, "no key"));
        refused("not an Ed25519", () -> NoteKey.of("a", NoteKey.Kind.NOTE, "AAAA"));
    }
}
