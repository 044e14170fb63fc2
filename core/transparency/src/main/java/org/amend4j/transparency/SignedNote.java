/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transparency;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A signed text (c2sp.org/signed-note): the text, an empty line, and one line per signature, of its issuer or of witnesses
 * (c2sp.org/tlog-cosignature). Its content counts only if a trusted key signed it. Immutable.
 */
public final class SignedNote {

    /** What is found of a key. */
    public enum Verdict {
        /** No line is of that key. */
        ABSENT,
        /** It signed this text. */
        SIGNED,
        /** A line says so, and is wrong: nothing in the note must be relied on. */
        FORGED
    }

    private static final int LARGEST = 1 << 18;
    private static final int MOST_SIGNATURES = 64;
    private static final int ID_BYTES = 4;
    private static final String DASH = "\u2014 ";

    /** A signature line: the signer's name, the key's id and the bytes after it. */
    @SuppressWarnings("ArrayRecordComponent") // never leaves this class, never compared
    private record Line(String name, int id, byte[] signature) {

        boolean isOf(NoteKey key) {
            return name.equals(key.name()) && id == key.id();
        }

        String text() {
            byte[] bytes = ByteBuffer.allocate(ID_BYTES + signature.length)
                    .putInt(id)
                    .put(signature)
                    .array();
            return DASH + name + ' ' + Base64.getEncoder().encodeToString(bytes) + '\n';
        }
    }

    private final String text;
    private final List<Line> lines;

    private SignedNote(String text, List<Line> lines) {
        this.text = text;
        this.lines = List.copyOf(lines);
    }

    /**
     * A text, signed.
     *
     * @param text ends with a line feed
     * @param name of the key
     */
    public static SignedNote signed(String text, String name, Signer keys) {
        NoteKey key = NoteKey.of(name, NoteKey.Kind.NOTE, keys.publicKey());
        return new SignedNote(text, List.of(new Line(name, key.id(), keys.sign(bytes(text)))));
    }

    /**
     * With the signature of a witness, in place of an earlier one of the same key.
     *
     * @param name of the witness's key
     * @param time when it saw that the log only grew; counts to the second
     */
    public SignedNote cosigned(String name, Signer keys, Instant time) {
        NoteKey key = NoteKey.of(name, NoteKey.Kind.COSIGNATURE, keys.publicKey());
        long seconds = time.getEpochSecond();
        byte[] signature = keys.sign(bytes(cosigned(seconds)));
        ByteBuffer timed = ByteBuffer.allocate(Long.BYTES + signature.length);
        List<Line> all = new ArrayList<>(lines);
        all.removeIf(line -> line.isOf(key));
        all.add(new Line(name, key.id(), timed.putLong(seconds).put(signature).array()));
        return new SignedNote(text, all);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String cosigned(long seconds) {
        return "cosignature/v1\ntime " + seconds + '\n' + text;
    }

    /**
     * Reads a note.
     *
     * @throws IllegalArgumentException if it is none, saying why
     */
    public static SignedNote parse(byte[] bytes) {
        String note = decode(bytes);
        int end = note.lastIndexOf("\n\n");
        if (end < 0 || !note.endsWith("\n")) {
            throw new IllegalArgumentException(
                    "a signed note must be a text, an empty line, and lines of signatures, each with a line feed");
        }
        String[] lines = note.substring(end + 2).split("\n", -1);
        if (lines.length - 1 > MOST_SIGNATURES) {
            throw new IllegalArgumentException("a note must have at most " + MOST_SIGNATURES + " signatures");
        }
        List<Line> read = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (String line : Arrays.copyOf(lines, lines.length - 1)) {
            Line signature = line(line);
            if (!keys.add(signature.name + '+' + signature.id)) {
                throw new IllegalArgumentException("a note must have one signature of a key, got two");
            }
            read.add(signature);
        }
        if (read.isEmpty()) {
            throw new IllegalArgumentException("a note must have a signature, got none");
        }
        return new SignedNote(note.substring(0, end + 1), read);
    }

    private static String decode(byte[] bytes) {
        if (bytes.length > LARGEST) {
            throw new IllegalArgumentException("a note must have at most " + LARGEST + " bytes, got " + bytes.length);
        }
        String note;
        try {
            note = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a note must be UTF-8", e);
        }
        if (note.chars().anyMatch(c -> c < ' ' && c != '\n')) {
            throw new IllegalArgumentException("a note must have no control characters but line feeds");
        }
        return note;
    }

    private static Line line(String line) {
        int blank = line.lastIndexOf(' ');
        if (!line.startsWith(DASH) || blank < DASH.length()) {
            throw new IllegalArgumentException("a signature must be a dash, a name and base64, with blanks between");
        }
        String name = NoteKey.requireName(line.substring(DASH.length(), blank));
        byte[] bytes = NoteKey.strictBase64(line.substring(blank + 1), "a signature");
        if (bytes.length <= ID_BYTES) {
            throw new IllegalArgumentException("a signature must have more than " + ID_BYTES + " bytes");
        }
        return new Line(name, ByteBuffer.wrap(bytes).getInt(), Arrays.copyOfRange(bytes, ID_BYTES, bytes.length));
    }

    /** What is signed; ends with a line feed. */
    public String text() {
        return text;
    }

    /** The file. */
    public byte[] bytes() {
        StringBuilder note = new StringBuilder(text).append('\n');
        lines.forEach(line -> note.append(line.text()));
        return bytes(note.toString());
    }

    /** Whether a key signed this. */
    public Verdict by(NoteKey key) {
        return lines.stream()
                .filter(line -> line.isOf(key))
                .findFirst()
                .map(line -> isGood(line, key) ? Verdict.SIGNED : Verdict.FORGED)
                .orElse(Verdict.ABSENT);
    }

    private boolean isGood(Line line, NoteKey key) {
        if (key.kind() == NoteKey.Kind.NOTE) {
            return key.verifies(bytes(text), line.signature);
        }
        return line.signature.length > Long.BYTES
                && seconds(line) >= 0
                && key.verifies(
                        bytes(cosigned(seconds(line))),
                        Arrays.copyOfRange(line.signature, Long.BYTES, line.signature.length));
    }

    private static long seconds(Line line) {
        return ByteBuffer.wrap(line.signature).getLong();
    }

    /** When a witness signed this; empty if it did not. */
    public Optional<Instant> cosignedAt(NoteKey witness) {
        return lines.stream()
                .filter(line -> witness.kind() == NoteKey.Kind.COSIGNATURE && line.isOf(witness))
                .filter(line -> isGood(line, witness))
                .findFirst()
                .map(line -> Instant.ofEpochSecond(Math.min(seconds(line), Instant.MAX.getEpochSecond())));
    }
}
