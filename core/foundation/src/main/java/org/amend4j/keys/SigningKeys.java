/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.keys;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.RegularFile;
import org.amend4j.internal.file.WriterLock;
import org.amend4j.transparency.Signer;

/** A pair of Ed25519 keys (RFC 8032) in a file. */
public final class SigningKeys implements Signer {

    private static final String ALGORITHM = "Ed25519";
    private static final int MOST_BYTES = 1 << 12;

    private final PrivateKey secret;
    private final PublicKey open;

    private SigningKeys(PrivateKey secret, PublicKey open) {
        this.secret = secret;
        this.open = open;
    }

    /**
     * Reads the pair from a file of two lines (public and secret key, base64), and makes the file for its owner alone if it is missing. An
     * empty lock file stays next to a file that was made, so that two processes do not make two pairs.
     *
     * @param file its folder must exist
     * @throws IOException if it cannot be read, others than its owner may read it, it is not a key pair, or another process is just making
     *     it
     */
    public static SigningKeys openOrCreate(Path file) throws IOException {
        try {
            if (!Files.exists(file)) {
                create(file);
            }
            KeyFile.requirePrivate("the pair of keys", file);
            String[] lines = Files.readString(RegularFile.of(file, MOST_BYTES), StandardCharsets.US_ASCII)
                    .split("\n", -1);
            if (lines.length != 3) {
                throw new IOException(file + " must hold two keys, a line each");
            }
            KeyFactory keys = KeyFactory.getInstance(ALGORITHM);
            PublicKey open = keys.generatePublic(
                    new X509EncodedKeySpec(Base64.getDecoder().decode(lines[0])));
            PrivateKey secret = keys.generatePrivate(
                    new PKCS8EncodedKeySpec(Base64.getDecoder().decode(lines[1])));
            SigningKeys pair = new SigningKeys(secret, open);
            if (!pair.isPair()) {
                throw new IOException(file + " does not hold a pair: its secret key is not that of its public key");
            }
            return pair;
        } catch (GeneralSecurityException | IllegalArgumentException | CharacterCodingException e) {
            throw new IOException(file + " does not hold a pair of Ed25519 keys", e);
        }
    }

    /** Removes a pair and its lock file; the pair must not be in use. */
    public static void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(lock(file));
    }

    private static Path lock(Path file) {
        return file.resolveSibling(file.getFileName() + ".lock");
    }

    private static void create(Path file) throws IOException, GeneralSecurityException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new IOException("the directory of the keys " + file + " does not exist");
        }
        try (WriterLock ignored =
                WriterLock.of(directory, String.valueOf(lock(file).getFileName()), "the pair of keys")) {
            // another process may have been faster
            if (!Files.exists(file)) {
                write(file, KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair());
            }
        }
    }

    private static void write(Path file, KeyPair pair) throws IOException {
        Base64.Encoder encoder = Base64.getEncoder();
        String lines = encoder.encodeToString(pair.getPublic().getEncoded())
                + '\n'
                + encoder.encodeToString(pair.getPrivate().getEncoded())
                + '\n';
        try (AtomicFile target = AtomicFile.createPrivate(file)) {
            target.stream().write(lines.getBytes(StandardCharsets.US_ASCII));
            target.commit();
        }
    }

    private boolean isPair() throws GeneralSecurityException {
        byte[] message = open.getEncoded();
        Signature verification = Signature.getInstance(ALGORITHM);
        verification.initVerify(open);
        verification.update(message);
        return verification.verify(sign(message));
    }

    @Override
    public String publicKey() {
        return Base64.getEncoder().encodeToString(open.getEncoded());
    }

    @Override
    public byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(secret);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot sign with " + ALGORITHM, e);
        }
    }
}
