/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transparency;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.amend4j.internal.digest.Sha256;

/**
 * The key that verifies a signature on a note: a name, a kind of signature and an Ed25519 public key (c2sp.org/signed-note and
 * c2sp.org/tlog-cosignature). As a text it is a "vkey", {@code name+id+base64}, which other tools read as well.
 */
public final class NoteKey {

    /** What is signed. */
    public enum Kind {
        /** The text of a note: the issuer of a log. */
        NOTE(1),
        /** The text and a time: a witness, who saw that the log only grew. */
        COSIGNATURE(4);

        private final byte type;

        Kind(int type) {
            this.type = (byte) type;
        }

        private static Kind of(byte type) {
            for (Kind kind : values()) {
                if (kind.type == type) {
                    return kind;
                }
            }
            throw new IllegalArgumentException(
                    "the type of a key must be 1, of a note, or 4, of a witness, got " + (type & 0xff));
        }
    }

    private static final Pattern NAME = Pattern.compile("[^\\s\\p{Z}\\p{C}+]{1,255}");
    private static final byte[] X509 = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final int BYTES = 32;
    private static final int MOST_SHOWN = 60;
    private static final String ALGORITHM = "Ed25519";

    private final String name;
    private final Kind kind;
    private final byte[] encoded;
    private final PublicKey key;

    private NoteKey(String name, Kind kind, byte[] encoded) {
        this.name = requireName(name);
        this.kind = kind;
        this.encoded = encoded;
        try {
            this.key = KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the key of " + shown(name) + " is not an Ed25519 public key", e);
        }
        if (!Arrays.equals(key.getEncoded(), encoded)) {
            throw new IllegalArgumentException("the key of " + shown(name) + " is not written as it should be");
        }
    }

    /** For messages; there is nothing in a name that steers a terminal. */
    private static String shown(String name) {
        boolean isShort = name.codePointCount(0, name.length()) <= MOST_SHOWN;
        return "'" + (isShort ? name : name.substring(0, name.offsetByCodePoints(0, MOST_SHOWN)) + "…") + "'";
    }

    /** A name without blanks, plus signs and control characters. */
    static String requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("a name on a note must have 1 to 255 characters, no blanks and no '+'");
        }
        return name;
    }

    /**
     * A key from its X.509 encoding.
     *
     * @param base64 as {@code issuer.public} holds it
     * @throws IllegalArgumentException if it is none
     */
    public static NoteKey of(String name, Kind kind, String base64) {
        return new NoteKey(name, kind, strictBase64(base64, "a public key"));
    }

    /**
     * A key from its text, {@code name+id+base64}.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static NoteKey parse(String text) {
        String[] parts = text.split("\\+", 3);
        if (parts.length != 3) {
            throw new IllegalArgumentException("a key must be written name+id+base64");
        }
        byte[] typed = strictBase64(parts[2], "a key's third part");
        if (typed.length != 1 + BYTES) {
            throw new IllegalArgumentException(
                    "a key must have a type and " + BYTES + " bytes, got " + typed.length + " bytes");
        }
        byte[] encoded = Arrays.copyOf(X509, X509.length + BYTES);
        System.arraycopy(typed, 1, encoded, X509.length, BYTES);
        NoteKey key = new NoteKey(parts[0], Kind.of(typed[0]), encoded);
        if (!hex(key.id()).equals(parts[1])) {
            throw new IllegalArgumentException("the id of the key of " + shown(parts[0]) + " must be " + hex(key.id()));
        }
        return key;
    }

    /** Strict base64: one text for the same bytes. */
    static byte[] strictBase64(String text, String what) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + " must be base64", e);
        }
        if (!Base64.getEncoder().encodeToString(bytes).equals(text)) {
            throw new IllegalArgumentException(what + " must be canonical base64");
        }
        return bytes;
    }

    private static String hex(int id) {
        return HexFormat.of().toHexDigits(id);
    }

    /** The name of the key's owner. */
    public String name() {
        return name;
    }

    /** What it signs. */
    public Kind kind() {
        return kind;
    }

    /** Tells keys of a name apart: the first four bytes of SHA-256 of name, line feed, type and key. */
    public int id() {
        MessageDigest sha = Sha256.start();
        sha.update((name + "\n").getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(sha.digest(typed())).getInt();
    }

    /** Type and key. */
    private byte[] typed() {
        byte[] typed = new byte[1 + BYTES];
        typed[0] = kind.type;
        System.arraycopy(encoded, X509.length, typed, 1, BYTES);
        return typed;
    }

    /** Whether it is the same key, whatever it is called and signs. */
    public boolean isSameKeyAs(NoteKey other) {
        return Arrays.equals(encoded, other.encoded);
    }

    boolean verifies(byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            // a signature of another length, say
            return false;
        }
    }

    /** {@code name+id+base64}. */
    @Override
    public String toString() {
        return name + '+' + hex(id()) + '+' + Base64.getEncoder().encodeToString(typed());
    }
}
