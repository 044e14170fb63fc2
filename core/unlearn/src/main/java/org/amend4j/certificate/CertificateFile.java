/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.certificate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.RegularFile;
import org.amend4j.internal.json.Jcs;
import org.amend4j.internal.json.JsonFault;
import org.amend4j.internal.json.KnownNames;

/**
 * A certificate on the disk: one line of canonical JSON, {@code {"certificate":{...},"publicKey":"...","signature":"..."}}.
 * The signature is over the bytes of the certificate object as they stand in the line.
 */
public final class CertificateFile {

    /** Its name in the folder of a release. */
    public static final String NAME = "certificate.json";

    /** More than any certificate has; its verifier takes no larger ones. */
    public static final int MOST_BYTES = 1 << 26;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** What is in the file. */
    private record Signed(Certificate certificate, String publicKey, String signature) {}

    private CertificateFile() {}

    /**
     * Writes a certificate, complete or not at all.
     *
     * @return SHA-256 of the file: 64 hexadecimal digits
     */
    public static String write(Certificate certificate, Issuer issuer, Path file) throws IOException {
        String signature = issuer.sign(Jcs.text(certificate));
        byte[] bytes = (Jcs.text(new Signed(certificate, issuer.publicKey(), signature)) + "\n")
                .getBytes(StandardCharsets.UTF_8);
        try (AtomicFile target = AtomicFile.create(file)) {
            target.stream().write(bytes);
            target.commit();
        }
        return Digests.of(bytes);
    }

    /**
     * Reads a certificate, without checking anything it claims.
     *
     * @throws IOException if it is not there, no certificate, or of format 1, which is only verified any more
     */
    public static Certificate read(Path file) throws IOException {
        try {
            JsonNode signed = MAPPER.readTree(Files.readString(RegularFile.of(file, MOST_BYTES)));
            int version = signed.at("/certificate/version").asInt();
            if (version != Certificate.VERSION && version != Certificate.CONVERGED) {
                throw new IOException(
                        file + " is no certificate of format " + Certificate.VERSION + " or " + Certificate.CONVERGED);
            }
            Certificate certificate = MAPPER.treeToValue(signed, Signed.class).certificate();
            KnownNames.require(MAPPER, signed.get("certificate"), certificate);
            return certificate;
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is not a certificate: " + JsonFault.sentence(e), e);
        }
    }
}
