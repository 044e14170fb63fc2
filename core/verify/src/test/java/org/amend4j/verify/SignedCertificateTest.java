/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import org.amend4j.verify.Check.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignedCertificateTest {

    private static final String NOBODY = "there is no Ed25519 key and signature";

    @TempDir
    Path temp;

    private final Document document = Document.of(Scenario.stronglyConvex());
    private String key = "";
    private String signature = "";

    @BeforeEach
    void sign() throws GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(pair.getPrivate());
        signer.update(document.text().getBytes(StandardCharsets.UTF_8));
        key = Base64.getEncoder().encodeToString(pair.getPublic().getEncoded());
        signature = Base64.getEncoder().encodeToString(signer.sign());
    }

    private Check check(String body, String otherKey, String otherSignature) {
        return new SignedCertificate(document.read(), body, otherKey, otherSignature, "0".repeat(64)).checkSignature();
    }

    private static void assertFails(String sentence, Check check) {
        assertEquals(Check.failed("signature", sentence), check);
    }

    @Test
    void aSignatureIsOfTheseBytesByThisKey() throws GeneralSecurityException {
        assertEquals(Outcome.PASSED, check(document.text(), key, signature).outcome());
        assertFails("it is not of these bytes by the key in the file", check(document.text() + " ", key, signature));
        String before = signature;
        sign();
        assertFails("it is not of these bytes by the key in the file", check(document.text(), key, before));
    }

    /** The same bytes can be written in one way only, or a certificate could be changed though its signature holds. */
    @Test
    void keyAndSignatureAreWrittenInOneWay() {
        String body = document.text();
        assertFails(NOBODY, check(body, key, signature.replaceAll("=+$", "")));
        assertFails(NOBODY, check(body, key.replaceAll("=+$", ""), signature));
        assertFails(NOBODY, check(body, key, "*" + signature.substring(1)));
        assertFails(NOBODY, check(body, key, ""));
        assertFails(NOBODY, check(body, "", signature));
        // 64 bytes leave four bits of the last character that do not count
        char last = signature.charAt(85);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        char other = alphabet.charAt(alphabet.indexOf(last) + 1);
        assertFails(NOBODY, check(body, key, signature.substring(0, 85) + other + "=="));
    }

    /** X.509 with bytes that a lenient reader passes over, such as a key that is longer than it says. */
    @Test
    void aKeyIsItsOwnEncoding() {
        byte[] encoded = Base64.getDecoder().decode(key);
        byte[] longer = Arrays.copyOf(encoded, encoded.length + 1);
        assertEquals(
                Outcome.FAILED,
                check(document.text(), Base64.getEncoder().encodeToString(longer), signature)
                        .outcome());
    }

    private SignedCertificate read(String text) throws RejectedException {
        try {
            return SignedCertificate.read(Files.writeString(temp.resolve("c.json"), text));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String refusal(String text) {
        return assertThrows(RejectedException.class, () -> read(text)).sentence();
    }

    @Test
    void aFileIsReadToTheLastByte() throws RejectedException {
        for (Document either : new Document[] {document, ClaimRulesTest.start("first")}) {
            SignedCertificate read = read(either.line());
            assertEquals(either.text(), read.body());
            assertEquals("key", read.publicKey());
            assertEquals("none", read.signature());
            assertEquals(new Sha256().add(either.line()).hex(), read.sha256());
            assertEquals(either.read(), read.claims());
        }
    }

    @Test
    void whatIsNoFileOfACertificateIsRefused() {
        String line = document.line();
        assertEquals("it does not end with a line feed", refusal(line.substring(0, line.length() - 1)));
        assertEquals("it is no JSON object", refusal("[]\n"));
        assertEquals("certificate is missing", refusal("{}\n"));
        assertEquals(
                "more is not known to this version",
                refusal(line.replace(",\"publicKey\"", ",\"more\":1,\"publicKey\"")));
        assertEquals("publicKey must be a text", refusal(line.replace("\"publicKey\":\"key\"", "\"publicKey\":7")));
        assertTrue(refusal(line + "\n").contains("something follows the object"));
    }

    /** What is in neither dialect is refused for what the newer one says of it. */
    @Test
    void theDialectOfFormat1IsForFormat1Alone() {
        String second = document.line().replace("\"delta\":0.02027807691026024,", "\"delta\":1.0E-5,");
        assertTrue(refusal(second).contains("it is not canonical JSON: there is no canonical value"), refusal(second));
        String first = ClaimRulesTest.start("first").line();
        assertTrue(refusal(first.replace("\"version\":1", "\"version\":2")).contains("no canonical value"));
        assertTrue(refusal(first.replace("\"version\":1", "\"version\":true")).contains("no canonical value"));
    }
}
