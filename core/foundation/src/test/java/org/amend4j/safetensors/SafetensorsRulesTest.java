/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule of the format, broken once. */
class SafetensorsRulesTest {
    private static final String A = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void aFileShorterThanItsLengthFieldIsRefused(int length) throws IOException {
        Path file = Files.write(directory.resolve("short"), new byte[length]);
        refusedFile("must have at least 8 bytes, got " + length, file);
    }

    @ParameterizedTest
    @CsvSource({"9, at most 8 bytes", "-1, 18446744073709551615", "100000001, at most 8", "2147483648, at most 8"})
    void aHeaderLongerThanTheFileIsRefusedAsAnUnsignedNumber(long claimed, String rule) throws IOException {
        refusedFile(rule, RawFile.of(directory, claimed, new byte[0], new byte[8]));
    }

    @Test
    void aHeaderAboveTheFormatsLimitIsRefusedBeforeItIsRead() throws IOException {
        Path file = directory.resolve("large");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.write(new byte[] {1, (byte) 0xe1, (byte) 0xf5, 5, 0, 0, 0, 0});
            sparse.setLength(200_000_000);
        }
        refusedFile("must have a header of at most 100000000 bytes, got 100000001", file);
    }

    @Test
    void aMissingFileAndADirectoryAreRefused() {
        refusedFile("existing regular file", directory.resolve("missing"));
        refusedFile("existing regular file", directory);
    }

    @Test
    void malformedUtf8IsRefused() throws IOException {
        byte[] header = ("{" + A + "}").getBytes(StandardCharsets.ISO_8859_1);
        header[2] = (byte) 0xc0;
        refusedFile("must be UTF-8", RawFile.of(directory, header, new byte[8]));
        refusedHeader("unpaired surrogate", A.replace("\"a\"", "\"\\ud800\""));
        refusedHeader("unpaired surrogate", "\"__metadata__\":{\"x\":\"\\udc00\"}," + A);
    }

    @Test
    void theHeaderBeginsWithABraceAndEndsWithABraceAndSpaces() throws IOException {
        for (String header :
                List.of("", " ", " {" + A + "}", "\ufeff{" + A + "}", "{" + A + "}\n", "{" + A + "}\0", "[]")) {
            refusedFile("must begin with '{' and end with '}'", RawFile.of(directory, header, 8));
        }
        try (SafetensorsFile file = SafetensorsFile.open(RawFile.of(directory, "{" + A + "}   ", 8))) {
            assertEquals(List.of("a"), List.copyOf(file.tensors().keySet()));
        }
    }

    @Test
    void duplicateKeysAreRefusedAtEveryLevel() {
        refusedHeader("stands twice", A + "," + A);
        refusedHeader("stands twice", A.replace("\"shape\"", "\"dtype\":\"F32\",\"shape\""));
        refusedHeader("stands twice", "\"__metadata__\":{\"x\":\"1\",\"x\":\"2\"}," + A);
        refusedHeader("stands twice", "\"__metadata__\":{},\"__metadata__\":{}," + A);
        refusedHeader("stands twice", A + "," + A.replace("\"a\"", "\"\\u0061\""));
    }

    @Test
    void anythingThatIsNotStrictJsonIsRefused() {
        for (String entries : List.of(
                A + ",",
                A + "}{",
                A.replace('"', '\''),
                "/**/" + A,
                A.replace("[2]", "[2,]"),
                A.replace("[2]", "[02]"),
                A.replace("[2]", "[NaN]"),
                A.replace("\"a\"", "a"),
                A.replace("\"a\"", "\"a\tb\""))) {
            refusedHeader("", entries);
        }
        refusedHeader("nothing after it", A + "}{}".substring(0, 2));
    }

    @Test
    void deepNestingIsRefused() {
        refusedHeader("must have integers", A.replace("[2]", "[[2]]"));
        refusedHeader("must have integers", A.replace("[2]", "[".repeat(1000) + "]".repeat(1000)));
    }

    @Test
    void tooManyTensorsAreRefused() throws IOException {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i <= HeaderParser.MOST_TENSORS; i++) {
            header.append(i == 0 ? "" : ",")
                    .append('"')
                    .append(i)
                    .append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
        }
        refusedFile(
                "at most 100000 tensors",
                RawFile.of(directory, header.append('}').toString(), 0));
    }

    @Test
    void metadataHoldsStringsOnly() {
        refusedHeader("__metadata__ must be an object", "\"__metadata__\":[]," + A);
        for (String value : List.of("1", "null", "true", "{}", "[]")) {
            refusedHeader("'x' in __metadata__ must be a string", "\"__metadata__\":{\"x\":" + value + "}," + A);
        }
    }

    @Test
    void aTensorHasItsThreeFieldsWithTheirTypesAndNoOther() {
        for (String value : List.of("1", "null", "\"x\"", "[]")) {
            refusedHeader("tensor 'a' must be an object", "\"a\":" + value);
        }
        refusedHeader("must have the fields dtype", A.replace("\"dtype\":\"F32\",", ""));
        refusedHeader("must have the fields dtype", A.replace("\"shape\":[2],", ""));
        refusedHeader("must have the fields dtype", A.replace(",\"data_offsets\":[0,8]", ""));
        refusedHeader(
                "fields dtype, shape and data_offsets only, got 'x'", A.replace("\"shape\"", "\"x\":1,\"shape\""));
        refusedHeader("must have a string as dtype", A.replace("\"F32\"", "32"));
        refusedHeader("must have an array as shape", A.replace("[2]", "2"));
        refusedHeader("must have an array as data_offsets", A.replace("[0,8]", "null"));
    }

    @Test
    void anUnknownDtypeIsRefused() {
        refusedHeader("tensor 'a' has the unknown dtype 'F33'", A.replace("F32", "F33"));
        refusedHeader("unknown dtype 'f32'", A.replace("F32", "f32"));
    }

    @ParameterizedTest
    @CsvSource({"U64,8", "C64,8", "I32,4", "U16,2", "F8_E4M3,1", "F8_E5M2FNUZ,1", "BOOL,1"})
    void aKnownDtypeThatCannotBeReadSpoilsOnlyItsOwnTensor(String dtype, int bytes) throws IOException {
        String odd = "\"odd\":{\"dtype\":\"" + dtype + "\",\"shape\":[],\"data_offsets\":[8," + (8 + bytes) + "]}";
        try (SafetensorsFile file = SafetensorsFile.open(RawFile.of(directory, "{" + A + "," + odd + "}", 8 + bytes))) {
            assertArrayEquals(new float[2], file.readFloats("a"));
            refused(SafetensorsException.class, "tensor 'odd' has the dtype " + dtype, () -> file.readFloats("odd"));
            refused(SafetensorsException.class, "tensor 'odd' has the dtype " + dtype, () -> file.readDoubles("odd"));
            refused(SafetensorsException.class, "tensor 'none' is missing", () -> file.readDoubles("none"));
        }
    }

    @Test
    void sizesAreIntegersWithoutSignFractionOrExponent() {
        for (String size : List.of("-1", "-0", "2.0", "2e0", "\"2\"", "null", "true", "{}")) {
            refusedHeader("in shape, got", A.replace("[2]", "[" + size + "]"));
            refusedHeader("in data_offsets, got", A.replace("[0,8]", "[" + size + ",8]"));
        }
        refusedHeader("in shape that is too large", A.replace("[2]", "[9223372036854775808]"));
        refusedHeader("in shape that is too large", A.replace("[2]", "[" + "9".repeat(900) + "]"));
    }

    @Test
    void rankSizeAndBitsAreBounded() {
        refusedHeader("at most 32 numbers in shape", A.replace("[2]", "[" + "1,".repeat(32) + "2]"));
        refusedHeader("whole number of bytes", A.replace("[2]", "[4611686018427387904,4]"));
        refusedHeader("whole number of bytes", A.replace("[2]", "[9223372036854775807]"));
        refusedHeader("whole number of bytes", A.replace("[2]", "[3]").replace("F32", "F4"));
        refusedHeader("whole number of bytes", A.replace("[2]", "[2]").replace("F32", "F6_E2M3"));
    }

    @Test
    void offsetsLieInTheBufferAndFitTheShape() {
        refusedHeader("must have two data_offsets, got [0]", A.replace("[0,8]", "[0]"));
        refusedHeader("at most 2 numbers in data_offsets", A.replace("[0,8]", "[0,8,8]"));
        refusedHeader("0 <= begin <= end <= 8", A.replace("[0,8]", "[8,0]"));
        refusedHeader("0 <= begin <= end <= 8", A.replace("[0,8]", "[0,9]"));
        refusedHeader("0 <= begin <= end <= 8", A.replace("[0,8]", "[9223372036854775800,9223372036854775807]"));
        refusedHeader("must have 8 bytes for F32 of shape [2], got 4", A.replace("[0,8]", "[0,4]"));
    }

    @Test
    void holesOverlapsAndLeftoversAreRefused() throws IOException {
        String b = A.replace("\"a\"", "\"b\"");
        refusedFile("tensor 'a' must begin", RawFile.of(directory, "{" + A.replace("[0,8]", "[8,16]") + "}", 16));
        refusedFile(
                "tensor 'b' must begin where the tensor before it ends, at 8, got 12",
                RawFile.of(directory, "{" + A + "," + b.replace("[0,8]", "[12,20]") + "}", 20));
        refusedFile("must begin where", RawFile.of(directory, "{" + A + "," + b + "}", 8));
        refusedFile("must begin where", RawFile.of(directory, "{" + A + "," + b.replace("[0,8]", "[4,12]") + "}", 12));
        refusedFile("cover the whole buffer of 9 bytes, got 8", RawFile.of(directory, "{" + A + "}", 9));
        refusedFile("cover the whole buffer of 1 bytes, got 0", RawFile.of(directory, "{}", 1));
    }

    @Test
    void scalarsEmptyTensorsAnyOrderAndAnyAlignmentAreAccepted() throws IOException {
        String header = "{\"z\":{\"data_offsets\":[1,5],\"shape\":[],\"dtype\":\"F32\"},"
                + "\"empty\":{\"dtype\":\"F32\",\"shape\":[3,0],\"data_offsets\":[1,1]},"
                + "\"byte\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
        try (SafetensorsFile file = SafetensorsFile.open(RawFile.of(directory, header, 5))) {
            assertArrayEquals(new float[1], file.readFloats("z"));
            assertArrayEquals(new double[0], file.readDoubles("empty"));
            assertEquals(
                    List.of("byte", "empty", "z"), List.copyOf(file.tensors().keySet()));
        }
    }

    @Test
    void aFileTruncatedWhileItIsOpenIsRefused() throws IOException {
        Path path = RawFile.of(directory, "{" + A + "}", 8);
        try (SafetensorsFile file = SafetensorsFile.open(path);
                RandomAccessFile cut = new RandomAccessFile(path.toFile(), "rw")) {
            cut.setLength(cut.length() - 1);
            refused(SafetensorsException.class, "was truncated while it was read", () -> file.readFloats("a"));
        }
    }

    @Test
    void namesAreEscapedAndCutWhenPrinted() {
        String sentence = refusedHeader(
                "tensor '\\u{a}\\u{1b}[31m\\u{202e}\\'../x' must be an object", "\"\\n\\u001b[31m\\u202e'../x\":1");
        assertTrue(sentence.chars().allMatch(c -> c >= ' '), sentence);
        String cut = refusedHeader("must be an object", "\"" + "n".repeat(5000) + "\":1");
        assertFalse(cut.length() > 1000, cut);
    }

    private String refusedHeader(String rule, String entries) {
        try {
            return refusedFile(rule, RawFile.of(directory, "{" + entries + "}", 8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String refusedFile(String rule, Path file) {
        String sentence = refused(
                SafetensorsException.class,
                rule,
                () -> SafetensorsFile.open(file).close());
        assertTrue(sentence.startsWith("file '"), sentence);
        return sentence;
    }
}
