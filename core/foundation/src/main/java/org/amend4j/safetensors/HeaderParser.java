/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.json.JsonFault;
import org.amend4j.internal.json.StrictReading;
import org.jspecify.annotations.Nullable;

/** Turns the header's bytes into tensors, refusing everything the format does not allow. One use per file. */
final class HeaderParser {
    static final String METADATA = "__metadata__";
    /** ND4J's largest rank. */
    static final int MOST_DIMENSIONS = 32;
    /** More than a hundred times the tensors of the largest adapters; bounds the memory a header can ask for. */
    static final int MOST_TENSORS = 100_000;

    private static final int DEEPEST = 4;
    private static final JsonFactory JSON = StrictReading.factory(DEEPEST).build();

    private final Path file;
    private final long bufferLength;
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<TensorInfo> tensors = new ArrayList<>();

    HeaderParser(Path file, long bufferLength) {
        this.file = file;
        this.bufferLength = bufferLength;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    /** In the order of their bytes. */
    List<TensorInfo> tensors() {
        return tensors;
    }

    void parse(byte[] header) throws SafetensorsException {
        String text = decoded(header);
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        if (end == 0 || text.charAt(0) != '{' || text.charAt(end - 1) != '}') {
            throw broken("the header must begin with '{' and end with '}' and spaces");
        }
        try (JsonParser json = JSON.createParser(text)) {
            parseEntries(json);
            if (json.nextToken() != null) {
                throw broken("the header must hold one JSON object and nothing after it");
            }
        } catch (JsonProcessingException e) {
            throw new SafetensorsException(file, "the header is not strict JSON: " + JsonFault.sentence(e), e);
        } catch (SafetensorsException e) {
            throw e;
        } catch (IOException e) {
            throw new SafetensorsException(file, "the header cannot be read", e);
        }
        checkCoverage();
    }

    private String decoded(byte[] header) throws SafetensorsException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(header))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new SafetensorsException(file, "the header must be UTF-8", e);
        }
    }

    private void parseEntries(JsonParser json) throws IOException {
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            checkUnicode(name);
            if (name.equals(METADATA)) {
                parseMetadata(json);
            } else {
                tensors.add(parseTensor(json, name));
                if (tensors.size() > MOST_TENSORS) {
                    throw broken("the header must name at most " + MOST_TENSORS + " tensors");
                }
            }
        }
    }

    private void parseMetadata(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw broken(METADATA + " must be an object of strings");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_STRING) {
                throw broken("the value of " + Printable.quoted(key) + " in " + METADATA + " must be a string");
            }
            checkUnicode(key);
            checkUnicode(json.getText());
            metadata.put(key, json.getText());
        }
    }

    private TensorInfo parseTensor(JsonParser json, String name) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw broken(name, "must be an object");
        }
        DType dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            switch (json.currentName()) {
                case "dtype" -> dtype = parseDtype(json, name);
                case "shape" -> shape = parseNumbers(json, name, "shape", MOST_DIMENSIONS);
                case "data_offsets" -> offsets = parseNumbers(json, name, "data_offsets", 2);
                default ->
                    throw broken(
                            name,
                            "must have the fields dtype, shape and data_offsets only, got "
                                    + Printable.quoted(json.currentName()));
            }
        }
        return checked(name, dtype, shape, offsets);
    }

    private DType parseDtype(JsonParser json, String name) throws IOException {
        if (json.nextToken() != JsonToken.VALUE_STRING) {
            throw broken(name, "must have a string as dtype");
        }
        try {
            return DType.valueOf(json.getText());
        } catch (IllegalArgumentException e) {
            throw broken(name, "has the unknown dtype " + Printable.quoted(json.getText()));
        }
    }

    private List<Long> parseNumbers(JsonParser json, String name, String field, int most) throws IOException {
        if (json.nextToken() != JsonToken.START_ARRAY) {
            throw broken(name, "must have an array as " + field);
        }
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (numbers.size() == most) {
                throw broken(name, "must have at most " + most + " numbers in " + field);
            }
            numbers.add(parseNumber(json, name, field));
        }
        return numbers;
    }

    private long parseNumber(JsonParser json, String name, String field) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            String digits = json.getText();
            if (digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                try {
                    return Long.parseLong(digits);
                } catch (NumberFormatException e) {
                    throw broken(name, "has a number in " + field + " that is too large: " + Printable.quoted(digits));
                }
            }
        }
        throw broken(
                name,
                "must have integers without sign, fraction or exponent in " + field + ", got "
                        + Printable.quoted(json.getText()));
    }

    private TensorInfo checked(
            String name, @Nullable DType dtype, @Nullable List<Long> shape, @Nullable List<Long> offsets)
            throws SafetensorsException {
        if (dtype == null || shape == null || offsets == null) {
            throw broken(name, "must have the fields dtype, shape and data_offsets");
        }
        long bytes = TensorInfo.bytes(dtype, shape)
                .orElseThrow(() -> broken(
                        name,
                        "must have a size that is a whole number of bytes below 2^60, got " + dtype + " of shape "
                                + shape));
        if (offsets.size() != 2) {
            throw broken(name, "must have two data_offsets, got " + offsets);
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        if (begin > end || end > bufferLength) {
            throw broken(name, "must have data_offsets 0 <= begin <= end <= " + bufferLength + ", got " + offsets);
        }
        if (end - begin != bytes) {
            throw broken(
                    name,
                    "must have " + bytes + " bytes for " + dtype + " of shape " + shape + ", got " + (end - begin));
        }
        return new TensorInfo(name, dtype, shape, begin, end);
    }

    /** The tensors must cover the buffer without hole or overlap. */
    private void checkCoverage() throws SafetensorsException {
        tensors.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
        long covered = 0;
        for (TensorInfo tensor : tensors) {
            if (tensor.begin() != covered) {
                throw broken(
                        tensor.name(),
                        "must begin where the tensor before it ends, at " + covered + ", got " + tensor.begin());
            }
            covered = tensor.end();
        }
        if (covered != bufferLength) {
            throw broken("the tensors must cover the whole buffer of " + bufferLength + " bytes, got " + covered);
        }
    }

    private void checkUnicode(String text) throws SafetensorsException {
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw broken("the text " + Printable.quoted(text) + " in the header must have no unpaired surrogate");
        }
    }

    private SafetensorsException broken(String rule) {
        return new SafetensorsException(file, rule);
    }

    private SafetensorsException broken(String tensor, String rule) {
        return new SafetensorsException(file, "tensor " + Printable.quoted(tensor) + " " + rule);
    }
}
