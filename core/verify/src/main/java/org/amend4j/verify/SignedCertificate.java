/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import org.amend4j.verify.CanonicalJson.Style;

/**
 * A certificate's file, {@code {"certificate":{...},"publicKey":"...","signature":"..."}} and a line feed.
 *
 * @param claims what it says
 * @param body the certificate object as it stands in the file: what is signed
 * @param publicKey base64
 * @param signature base64
 * @param sha256 of the file
 */
record SignedCertificate(Claims claims, String body, String publicKey, String signature, String sha256) {

    private static final int LARGEST = 1 << 26;
    private static final String ALGORITHM = "Ed25519";

    static SignedCertificate read(Path file) throws RejectedException {
        byte[] bytes = SmallFiles.read(file, LARGEST);
        String text = CanonicalJson.decode(bytes);
        if (!text.endsWith("\n")) {
            throw new RejectedException("it does not end with a line feed");
        }
        String line = text.substring(0, text.length() - 1);
        Fields fields = parse(line);
        Json certificate = fields.value("certificate");
        String publicKey = fields.text("publicKey");
        String signature = fields.text("signature");
        Fields claims = fields.object("certificate");
        fields.finish();
        return new SignedCertificate(
                Claims.read(claims),
                line.substring(certificate.start(), certificate.end()),
                publicKey,
                signature,
                new Sha256().add(bytes).hex());
    }

    /**
     * SHA-256 of a file.
     *
     * @throws RejectedException if it cannot be read, or is too large for a certificate
     */
    static String sha256(Path file) throws RejectedException {
        return new Sha256().add(SmallFiles.read(file, LARGEST)).hex();
    }

    /** In the dialect of its format: only format 1 has numbers that are not canonical any more, and always some. */
    private static Fields parse(String line) throws RejectedException {
        try {
            return new Fields("", CanonicalJson.object(line, Style.JCS), Style.JCS);
        } catch (RejectedException inFormat2) {
            try {
                Fields first = new Fields("", CanonicalJson.object(line, Style.CERTIFICATE), Style.CERTIFICATE);
                if (first.object("certificate").whole("version", 0, Integer.MAX_VALUE) == 1) {
                    return first;
                }
            } catch (RejectedException inFormat1) {
                throw inFormat2;
            }
            throw inFormat2;
        }
    }

    /** Whether the signature is of these claims, by the key in the file. */
    Check checkSignature() {
        String name = "signature";
        try {
            byte[] encoded = decoded(publicKey);
            byte[] signed = decoded(signature);
            PublicKey key = KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
            if (!Arrays.equals(key.getEncoded(), encoded)) {
                return Check.failed(name, "the public key is not written as it should be");
            }
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            verifier.update(body.getBytes(StandardCharsets.UTF_8));
            return verifier.verify(signed)
                    ? Check.passed(name, "the key in the file signed these very bytes")
                    : Check.failed(name, "it is not of these bytes by the key in the file");
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Check.failed(name, "there is no Ed25519 key and signature");
        }
    }

    /** Strict base64: one text for the same bytes. */
    private static byte[] decoded(String base64) {
        byte[] bytes = Base64.getDecoder().decode(base64);
        if (!Base64.getEncoder().encodeToString(bytes).equals(base64)) {
            throw new IllegalArgumentException("not canonical");
        }
        return bytes;
    }
}
