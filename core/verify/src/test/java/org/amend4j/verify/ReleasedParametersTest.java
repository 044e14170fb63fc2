/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.amend4j.verify.Check.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The numbers of a released network or adapter, in files written byte by byte. */
class ReleasedParametersTest {

    @TempDir
    Path temp;

    /** An ND4J array: a buffer with its shape, then one with its numbers. */
    private static byte[] coefficients(String type, long length, double... values) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF("MIXED_DATA_TYPES");
        out.writeLong(2);
        out.writeUTF("LONG");
        out.writeLong(1);
        out.writeLong(values.length);
        out.writeUTF("MIXED_DATA_TYPES");
        out.writeLong(length);
        out.writeUTF(type);
        for (double value : values) {
            out.writeDouble(value);
        }
        return bytes.toByteArray();
    }

    private void network(String entry, byte[] bytes) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(temp.resolve("model.zip")))) {
            zip.putNextEntry(new ZipEntry(entry));
            zip.write(bytes);
        }
    }

    private void network(double... values) throws IOException {
        network("coefficients.bin", coefficients("DOUBLE", values.length, values));
    }

    private void adapter(String header, double... values) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + text.length + 8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(text.length).put(text);
        for (double value : values) {
            bytes.putDouble(value);
        }
        Files.write(temp.resolve("adapter_model.safetensors"), bytes.array());
    }

    private ReleasedParameters read() throws IOException {
        return ReleasedParameters.of(temp).orElseThrow();
    }

    private String refusal() {
        return String.valueOf(assertThrows(IOException.class, this::read).getMessage());
    }

    @Test
    void aFolderWithoutEitherHasNone() throws IOException {
        assertTrue(ReleasedParameters.of(temp).isEmpty());
    }

    @Test
    void aNetworkIsReadToTheLastNumber() throws IOException {
        network(0.5, -2, 1.25);
        ReleasedParameters read = read();
        assertEquals(3, read.size());
        assertTrue(read.all());
        assertEquals(-2, read.arrays().get(0)[1]);
        assertEquals(1.25, read.arrays().get(0)[2]);
        network("coefficients.bin", coefficients("DOUBLE", 0));
        assertEquals(0, read().size());
    }

    @Test
    void aDamagedNetworkIsRefused() throws IOException {
        network("configuration.json", new byte[3]);
        assertTrue(refusal().endsWith("has no coefficients.bin"), refusal());
        network("coefficients.bin", coefficients("FLOAT", 2, 1, 2));
        assertEquals("its coefficients must be DOUBLE, at most 2^28, got 2 of FLOAT", refusal());
        network("coefficients.bin", coefficients("DOUBLE", -1, 1, 2));
        assertEquals("its coefficients must be DOUBLE, at most 2^28, got -1 of DOUBLE", refusal());
        network("coefficients.bin", coefficients("DOUBLE", (1 << 28) + 1, 1, 2));
        assertEquals("its coefficients must be DOUBLE, at most 2^28, got 268435457 of DOUBLE", refusal());
        network("coefficients.bin", coefficients("DOUBLE", 3, 1, 2));
        assertTrue(refusal().endsWith("ends too early"), refusal());
        // a shape of 2^28 numbers is looked for, and is not there
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF("MIXED_DATA_TYPES");
        out.writeLong(1 << 28);
        out.writeUTF("LONG");
        network("coefficients.bin", bytes.toByteArray());
        assertThrows(EOFException.class, this::read);
        Files.writeString(temp.resolve("model.zip"), "no zip");
        refusal();
    }

    @Test
    void anAdaptersFactorsAreReadEach() throws IOException {
        adapter(
                "{\"A\":{\"dtype\":\"F64\",\"data_offsets\":[0,8]},\"B\":{\"dtype\":\"F64\",\"data_offsets\":[8,24]},"
                        + "\"__metadata__\":{\"a\":\"b\"}}",
                1,
                2,
                3);
        ReleasedParameters read = read();
        assertEquals(3, read.size());
        assertTrue(!read.all());
        assertEquals(1, read.arrays().get(0)[0]);
        assertEquals(3, read.arrays().get(1)[1]);
        adapter("{}");
        assertEquals(0, read().size());
    }

    /** Where else numbers without noise could hide. */
    @Test
    void aReleaseHoldsNothingButWhatItsNameSays() throws IOException {
        adapter(
                "{\"A\":{\"dtype\":\"F64\",\"data_offsets\":[0,8]},\"c\":{\"dtype\":\"F32\",\"data_offsets\":[8,16]}}",
                1,
                2);
        assertTrue(refusal().endsWith("must hold tensors of F64 alone, got F32 for 'c'"), refusal());
        network("coefficients.bin", coefficients("DOUBLE", 1, 1, 2));
        assertTrue(refusal().endsWith("has more than its parameters in coefficients.bin"), refusal());
        network("more.bin", coefficients("DOUBLE", 1, 1));
        assertTrue(refusal().endsWith("coefficients.bin alone, got [more.bin]"), refusal());
    }

    @ParameterizedTest
    @CsvSource({"-8, 0", "8, 0", "0, 32", "25, 33"})
    void aFactorOutsideOfItsFileIsRefused(int from, int to) throws IOException {
        adapter("{\"A\":{\"dtype\":\"F64\",\"data_offsets\":[" + from + "," + to + "]}}", 1, 2, 3);
        assertEquals("a tensor is outside of its file", refusal());
        adapter("{\"A\":{\"dtype\":\"F64\",\"data_offsets\":[24,24]}}", 1, 2, 3);
        assertEquals(0, read().size());
        adapter("{\"A\":{\"dtype\":\"F64\"}}", 1);
        assertEquals("a tensor is outside of its file", refusal());
    }

    @Test
    void aHeaderThatIsNotThereIsRefused() throws IOException {
        for (byte[] bytes :
                new byte[][] {{}, {1, 2}, {1, 0, 0, 0, 0, 0, 0, 0, '{'}, {3, 0, 0, 0, 0, 0, 0, 0, '{', '}'}}) {
            Files.write(temp.resolve("adapter_model.safetensors"), bytes);
            assertTrue(refusal().endsWith("has no header"), refusal());
        }
    }

    @Test
    void arraysAreOnAGridAsAWholeOrNot() throws IOException {
        adapter(
                "{\"A\":{\"dtype\":\"F64\",\"data_offsets\":[0,8]},\"B\":{\"dtype\":\"F64\",\"data_offsets\":[8,24]}}",
                0.5,
                0.75,
                -1.25);
        assertEquals(3, read().onGrid(0.25, 1.25));
        assertEquals(1, read().onGrid(0.5, 1.25), "3/4 is no multiple of 1/2");
        assertEquals(1, read().onGrid(0.25, 1.24), "5/4 is too large");
        assertEquals(0, read().onGrid(1, 9));
        network(Double.NaN);
        assertEquals(0, read().onGrid(0.25, 9));
    }

    private Check check(String edits) {
        Document document = ClaimRulesTest.start("plain").with("noise.dimension=3 && " + edits);
        return Document.named(
                "parameters",
                new OutsideChecks(
                                document.signed("0".repeat(64)),
                                VerifierInputs.none().withRelease(temp))
                        .all());
    }

    /** At most the parameters' bound and 40 sigma: here 1 + 40/4. */
    @Test
    void releasedNumbersAreOnTheGridOfTheNoiseAndNoneIsFarOut() throws IOException {
        String noise = "noise.gridExponent=-2 && noise.sigma=0.25 && noise.parameterBound=1";
        assertEquals(Outcome.NOT_CHECKED, check(noise).outcome());
        network(0.25, -11, 11);
        Check true3 = check(noise);
        assertEquals(Outcome.PASSED, true3.outcome(), true3.sentence());
        assertEquals("3 parameters, all on the grid of the noise", true3.sentence());
        Check other = check(noise + " && noise.dimension=2");
        assertEquals(Outcome.FAILED, other.outcome());
        assertEquals("the release has 3 parameters, the certificate 2", other.sentence());
        network(0.25, -11, 11.25);
        assertTrue(
                check(noise).sentence().startsWith("only 0 of 3 parameters are multiples"),
                check(noise).sentence());
        network(0.25, -11, 0.3);
        assertEquals(Outcome.FAILED, check(noise).outcome());
        // noise on the way: later steps leave the grid
        Check way = check(noise + " && algorithm.noisePlacement=\"checkpoint\"");
        assertEquals("3 parameters", way.sentence());
        assertEquals(Outcome.PASSED, way.outcome());
        Files.writeString(temp.resolve("model.zip"), "no zip");
        assertEquals(Outcome.FAILED, check(noise).outcome());
        assertTrue(check(noise).sentence().startsWith("they cannot be read"));
    }

    /** Factors that were frozen are in an adapter's file, too. */
    @Test
    void anAdapterMayHaveMoreNumbersThanWereLearnt() throws IOException {
        String noise = "noise.gridExponent=-2 && noise.sigma=0.25 && noise.parameterBound=1";
        String header =
                "{\"A\":{\"dtype\":\"F64\",\"data_offsets\":[0,8]},\"B\":{\"dtype\":\"F64\",\"data_offsets\":[8,32]}}";
        adapter(header, 0.3, 1, 2, 3);
        assertEquals(Outcome.PASSED, check(noise).outcome(), check(noise).sentence());
        assertEquals(Outcome.PASSED, check(noise + " && noise.dimension=2").outcome());
        assertEquals(Outcome.FAILED, check(noise + " && noise.dimension=4").outcome());
        Check all4 = check(noise + " && noise.dimension=4 && algorithm.noisePlacement=\"none\"");
        assertEquals(Outcome.PASSED, all4.outcome(), all4.sentence());
        assertEquals(
                "the release has 4 parameters, the certificate 5",
                check(noise + " && noise.dimension=5 && algorithm.noisePlacement=\"none\"")
                        .sentence());
        adapter("{", 1);
        assertTrue(check(noise).sentence().startsWith("they cannot be read"));
    }
}
