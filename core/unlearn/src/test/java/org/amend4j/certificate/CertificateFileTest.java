/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.amend4j.internal.json.Jcs;
import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.LongTexts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateFileTest {

    @TempDir
    Path temp;

    /** No two values of a certificate made here are the same. */
    private int next = 1;

    /** A value of a type of a certificate; the first number is its version, 2. */
    private Object some(Class<?> type, Type generic) throws ReflectiveOperationException {
        if (type == int.class) {
            return next == 1 ? ++next : next++;
        }
        if (type == long.class) {
            return (long) next++;
        }
        if (type == double.class) {
            return next++ + 0.5;
        }
        if (type == String.class) {
            return "text " + next++;
        }
        if (type == List.class) {
            Type item = ((ParameterizedType) generic).getActualTypeArguments()[0];
            List<Object> items = new ArrayList<>();
            items.add(item == Integer.class ? next++ : some((Class<?>) item, item));
            return items;
        }
        if (type == Map.class) {
            Type value = ((ParameterizedType) generic).getActualTypeArguments()[1];
            Map<String, Object> map = new TreeMap<>();
            map.put("name", value == Double.class ? (Object) (next++ + 0.5) : "text " + next++);
            return map;
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[1];
        }
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = some(components[i].getType(), components[i].getGenericType());
        }
        return type.getDeclaredConstructor(
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new))
                .newInstance(values);
    }

    private Certificate some() throws ReflectiveOperationException {
        return (Certificate) some(Certificate.class, Certificate.class);
    }

    @Test
    void aCertificateComesBackFromItsFileToTheLastNumber() throws Exception {
        Issuer issuer = Issuer.openOrCreate(temp.resolve("issuer"));
        Path file = temp.resolve(CertificateFile.NAME);
        Certificate certificate = some();
        String hash = CertificateFile.write(certificate, issuer, file);
        assertEquals(certificate, CertificateFile.read(file));
        assertEquals(Digests.of(Files.readAllBytes(file)), hash);

        String body = Jcs.text(certificate);
        String line = Files.readString(file);
        String signature = line.substring(line.lastIndexOf(':') + 2, line.length() - 3);
        assertEquals(
                "{\"certificate\":" + body + ",\"publicKey\":\"" + issuer.publicKey() + "\",\"signature\":\""
                        + signature + "\"}\n",
                line);
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(issuer.publicKey()))));
        verifier.update(body.getBytes(StandardCharsets.UTF_8));
        assertTrue(verifier.verify(Base64.getDecoder().decode(signature)));
    }

    /** Nobody who keeps a list that a certificate was made from can change what it says. */
    @Test
    void listsAndMapsOfACertificateCannotBeChanged() throws Exception {
        requireUnmodifiable(some());
    }

    private static void requireUnmodifiable(Object value) throws ReflectiveOperationException {
        if (value instanceof List<?> list) {
            assertThrows(UnsupportedOperationException.class, list::clear);
            for (Object item : list) {
                requireUnmodifiable(item);
            }
        } else if (value instanceof Map<?, ?> map) {
            assertThrows(UnsupportedOperationException.class, map::clear);
        } else if (value instanceof Record) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                requireUnmodifiable(component.getAccessor().invoke(value));
            }
        }
    }

    @Test
    void whatIsNoCertificateOfThisFormatIsRefusedWithItsName() throws Exception {
        Path file = temp.resolve("c.json");
        Map<String, String> reasons = Map.of(
                "{\"certificate\":{\"version\":1}}", "is no certificate of format 2 or 3",
                "{\"certificate\":{\"version\":4}}", "is no certificate of format 2 or 3",
                "{}", "is no certificate of format 2 or 3",
                "{\"certificate\":{\"version\":2}}", "is not a certificate: ",
                "{\"certificate\":{\"version\":3}}", "is not a certificate: ",
                "no json", "is not a certificate: ");
        for (Map.Entry<String, String> reason : reasons.entrySet()) {
            Files.writeString(file, reason.getKey());
            IOException refused = assertThrows(IOException.class, () -> CertificateFile.read(file));
            String message = String.valueOf(refused.getMessage());
            assertTrue(message.startsWith(file + " " + reason.getValue()), message);
        }
        Files.delete(file);
        assertThrows(IOException.class, () -> CertificateFile.read(file));
    }

    @Test
    void aRefusalIsShortHoweverLongTheTextsOfTheFile() throws Exception {
        Path file = temp.resolve(CertificateFile.NAME);
        CertificateFile.write(some(), Issuer.openOrCreate(temp.resolve("issuer")), file);
        LongTexts.everywhere(Files.readString(file), text -> CertificateFile.read(Files.writeString(file, text)));
    }

    @Test
    void aCertificateWithSomethingUnknownInItIsRefused() throws Exception {
        Path file = temp.resolve(CertificateFile.NAME);
        CertificateFile.write(some(), Issuer.openOrCreate(temp.resolve("issuer")), file);
        String written = Files.readString(file);
        for (String place : List.of("\"title\":", "\"noisePlacement\":")) {
            Files.writeString(file, written.replace(place, "\"unknown\":1," + place));
            IOException refused = assertThrows(IOException.class, () -> CertificateFile.read(file));
            assertTrue(String.valueOf(refused.getMessage()).contains("unknown"), refused.toString());
        }
    }

    /** HMAC-SHA256(HMAC-SHA256(salt, name), value), by another implementation (Python's hmac). */
    @Test
    void commitmentsAreTwoMacsUnderASaltOf32Bytes() {
        byte[] salt = new byte[Commitment.SALT_BYTES];
        Arrays.fill(salt, (byte) 7);
        assertEquals(
                "fcd3bfbf3796daeb36e31c05fdea4a3329d196a05a26fe5bf1cdd7a6bfa5083e",
                HexFormat.of().formatHex(Commitment.key(salt, Commitment.DELETED)));
        assertEquals(
                "7222b996dd9c28d8f955c9bbfb144a7bba3a70ffb797821c4debd1ef7cb2527d",
                Commitment.of(salt, Commitment.DELETED, new byte[] {0, 1, 2}));
        for (int length : new int[] {0, 31, 33}) {
            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class, () -> Commitment.key(new byte[length], Commitment.DELETED));
            assertEquals("a salt must have 32 bytes, got " + length, refused.getMessage());
        }
    }

    @Test
    void anOpeningHasTheKeysOfItsNamesAndTheIds() throws IOException {
        byte[] salt = new byte[Commitment.SALT_BYTES];
        Path file = temp.resolve("o.json");
        Opening opening = Opening.of("c", salt, "h", RecordIds.of(3, 1), RecordIds.of(2));
        opening.write(file);
        HexFormat hex = HexFormat.of();
        assertEquals(
                "{\"certificate\":\"c\",\"checkpoint\":{\"key\":\"" + hex.formatHex(Commitment.key(salt, "checkpoint"))
                        + "\",\"sha256\":\"h\"},\"deleted\":{\"ids\":\"00000000000000010000000000000003\",\"key\":\""
                        + hex.formatHex(Commitment.key(salt, "deleted"))
                        + "\"},\"retained\":{\"ids\":\"0000000000000002\","
                        + "\"key\":\"" + hex.formatHex(Commitment.key(salt, "retained")) + "\"}}\n",
                Files.readString(file));
    }

    @Test
    void aFoldersFilesAreListedByNameWithoutTheCertificateAndLinksAreRefused() throws IOException {
        Path folder = Files.createDirectories(temp.resolve("release/part")).getParent();
        Files.writeString(folder.resolve("part/b"), "bb");
        Files.writeString(folder.resolve("part/certificate.json"), "x");
        Files.writeString(folder.resolve(".a"), "");
        Files.writeString(folder.resolve("z"), "z".repeat(70_000));
        Files.writeString(folder.resolve(CertificateFile.NAME), "left out");
        List<ReleasedFile> files = Digests.filesOf(folder);
        assertEquals(
                List.of(".a", "part/b", "part/certificate.json", "z"),
                files.stream().map(ReleasedFile::name).toList());
        assertEquals(
                List.of(0L, 2L, 1L, 70_000L),
                files.stream().map(ReleasedFile::size).toList());
        assertEquals(
                Digests.of("z".repeat(70_000).getBytes(StandardCharsets.UTF_8)),
                files.get(3).sha256());
        assertEquals(Digests.of(Jcs.bytes(files)), Digests.of(files));
        // SHA-256 of nothing, FIPS 180-4
        assertEquals(
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                files.get(0).sha256());
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("z"));
        IOException refused = assertThrows(IOException.class, () -> Digests.filesOf(folder));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("a release must hold files only, "));
    }
}
