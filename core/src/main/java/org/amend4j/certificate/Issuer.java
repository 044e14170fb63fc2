package org.amend4j.certificate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
import org.amend4j.file.AtomicFile;

/**
 * Signs certificates with Ed25519. A signature shows who claimed something and that it was not changed since, not that it is
 * true.
 */
public final class Issuer {

    private static final String ALGORITHM = "Ed25519";

    private final PrivateKey secret;
    private final String publicKey;

    private Issuer(PrivateKey secret, String publicKey) {
        this.secret = secret;
        this.publicKey = publicKey;
    }

    /**
     * The issuer whose key pair is in a file of two lines (public and secret key, base64), which is made if it is missing.
     *
     * @param file its folder must exist; the owner alone should be able to read it
     * @throws IOException if it cannot be read, or is no key pair
     */
    public static Issuer openOrCreate(Path file) throws IOException {
        try {
            if (!Files.exists(file)) {
                write(file, KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair());
            }
            String[] lines = Files.readString(file, StandardCharsets.US_ASCII).split("\n", -1);
            if (lines.length != 3) {
                throw new IOException(file + " must hold two keys, a line each");
            }
            KeyFactory keys = KeyFactory.getInstance(ALGORITHM);
            PublicKey open = keys.generatePublic(
                    new X509EncodedKeySpec(Base64.getDecoder().decode(lines[0])));
            PrivateKey secret = keys.generatePrivate(
                    new PKCS8EncodedKeySpec(Base64.getDecoder().decode(lines[1])));
            return new Issuer(secret, Base64.getEncoder().encodeToString(open.getEncoded()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + " does not hold a pair of Ed25519 keys", e);
        }
    }

    private static void write(Path file, KeyPair pair) throws IOException {
        Base64.Encoder encoder = Base64.getEncoder();
        String lines = encoder.encodeToString(pair.getPublic().getEncoded())
                + '\n'
                + encoder.encodeToString(pair.getPrivate().getEncoded())
                + '\n';
        try (AtomicFile target = AtomicFile.create(file)) {
            target.stream().write(lines.getBytes(StandardCharsets.US_ASCII));
            target.commit();
        }
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
    }

    /** The public key, X.509, base64. */
    public String publicKey() {
        return publicKey;
    }

    /** The signature of a text's UTF-8 bytes, base64. */
    String sign(String text) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(secret);
            signature.update(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot sign with " + ALGORITHM, e);
        }
    }
}
