/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import org.amend4j.internal.json.Jcs;

/** Signs whatever it is given, with the key of an issuer. */
final class Forger {

    static final ObjectMapper MAPPER = new ObjectMapper();

    private final String publicKey;
    private final PrivateKey secret;

    private Forger(String publicKey, PrivateKey secret) {
        this.publicKey = publicKey;
        this.secret = secret;
    }

    static Forger with(Path issuer) throws IOException, GeneralSecurityException {
        String[] lines = Files.readString(issuer).split("\n", -1);
        byte[] secret = Base64.getDecoder().decode(lines[1]);
        return new Forger(lines[0], KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(secret)));
    }

    /** The certificate object of a file. */
    static ObjectNode certificate(Path file) throws IOException {
        return (ObjectNode) MAPPER.readTree(Files.readString(file)).get("certificate");
    }

    void write(JsonNode certificate, Path file) throws IOException, GeneralSecurityException {
        write(Jcs.text(certificate), file);
    }

    void write(String body, Path file) throws IOException, GeneralSecurityException {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(secret);
        signature.update(body.getBytes(StandardCharsets.UTF_8));
        String signed = Base64.getEncoder().encodeToString(signature.sign());
        Files.writeString(
                file,
                "{\"certificate\":" + body + ",\"publicKey\":\"" + publicKey + "\",\"signature\":\"" + signed
                        + "\"}\n");
    }

    /** Puts a value at a path like {@code bound.steps.0.count}. */
    static void set(ObjectNode root, String path, JsonNode value) {
        int dot = path.lastIndexOf('.');
        String last = path.substring(dot + 1);
        JsonNode parent = dot < 0 ? root : root.at("/" + path.substring(0, dot).replace('.', '/'));
        if (parent instanceof ArrayNode array) {
            array.set(Integer.parseInt(last), value);
        } else {
            ((ObjectNode) parent).set(last, value);
        }
    }

    static JsonNode get(ObjectNode root, String path) {
        return root.at("/" + path.replace('.', '/'));
    }
}
