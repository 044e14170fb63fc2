package org.amend4j.certificate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.file.AtomicFile;

/**
 * A certificate on the disk: one line of JSON, {@code {"certificate":{...},"publicKey":"...","signature":"..."}}. The signature
 * is over the bytes of the certificate object as they stand in the line.
 */
public final class CertificateFile {

    /** Its name in the folder of a release. */
    public static final String NAME = "certificate.json";

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** What is in the file. */
    private record Signed(Certificate certificate, String publicKey, String signature) {}

    private CertificateFile() {}

    /** The bytes that are signed, as text. */
    static String canonical(Certificate certificate) {
        try {
            return MAPPER.writeValueAsString(certificate);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a certificate has nothing that is not JSON", e);
        }
    }

    /**
     * Writes a certificate, complete or not at all.
     *
     * @return SHA-256 of the file: 64 hexadecimal digits
     */
    public static String write(Certificate certificate, Issuer issuer, Path file) throws IOException {
        String body = canonical(certificate);
        String line = "{\"certificate\":" + body + ",\"publicKey\":\"" + issuer.publicKey() + "\",\"signature\":\""
                + issuer.sign(body) + "\"}\n";
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        try (AtomicFile target = AtomicFile.create(file)) {
            target.stream().write(bytes);
            target.commit();
        }
        return Digests.of(bytes);
    }

    /**
     * Reads a certificate, without checking anything it claims.
     *
     * @throws IOException if it is not there or no certificate
     */
    public static Certificate read(Path file) throws IOException {
        try {
            return MAPPER.readValue(Files.readString(file), Signed.class).certificate();
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is not a certificate: " + e.getOriginalMessage(), e);
        }
    }
}
