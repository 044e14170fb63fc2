/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.amend4j.internal.json.JsonFault;
import org.amend4j.internal.text.Shown;

/**
 * The JSON of a saved policy; its field names are the file format. A file begins with two more fields: {@code format} is
 * {@value #FORMAT}, {@code version} is {@value #VERSION}.
 *
 * @param environment name of the environment
 * @param network name of the network's file (a graph) or folder (an adapter)
 * @param parameters SHA-256 of the network's parameters
 * @param input what a row of inputs means
 * @param distribution as {@link PolicyKinds} writes it
 * @param free its free parameters
 * @param encoder as {@link PolicyKinds} writes it
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
record PolicyRecord(
        String environment,
        String network,
        String parameters,
        InputShape input,
        ObjectNode distribution,
        double[] free,
        ObjectNode encoder) {

    static final String FORMAT = "amend4j policy";
    static final int VERSION = 1;
    private static final String FORMAT_FIELD = "format";
    private static final String VERSION_FIELD = "version";

    static final Pattern NETWORK = Pattern.compile("(network-[0-9a-f]{16}\\.zip)|(adapter-[0-9a-f]{16})");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final int MOST_BYTES = 1 << 24;
    private static final int DEEPEST = 8;

    PolicyRecord {
        require("network", network, NETWORK);
        require("parameters", parameters, SHA256);
        Objects.requireNonNull(environment, "environment");
        Objects.requireNonNull(input, "input");
        Objects.requireNonNull(distribution, "distribution");
        Objects.requireNonNull(encoder, "encoder");
        PassRules.requireFinite(free);
    }

    private static void require(String field, String value, Pattern pattern) {
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException(field + " must match " + pattern + ", got '" + value + "'");
        }
    }

    boolean adapted() {
        return network.startsWith("adapter");
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = InputShape.Row.class, name = "row"),
        @JsonSubTypes.Type(value = InputShape.Image.class, name = "image"),
        @JsonSubTypes.Type(value = InputShape.Sequence.class, name = "sequence")
    })
    private interface Shapes {}

    static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .build())
            .addMixIn(InputShape.class, Shapes.class)
            .polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder().build()) // no class names, whoever asks
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .build();

    byte[] bytes() throws IOException {
        ObjectNode file = MAPPER.createObjectNode().put(FORMAT_FIELD, FORMAT).put(VERSION_FIELD, VERSION);
        file.setAll(MAPPER.<ObjectNode>valueToTree(this));
        return MAPPER.writeValueAsBytes(file);
    }

    /** @throws PolicyFormatException if it is not such a record */
    static PolicyRecord read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new PolicyFormatException(file, "there is no saved policy");
        }
        byte[] bytes;
        try (InputStream stream = Files.newInputStream(file)) {
            bytes = stream.readNBytes(MOST_BYTES + 1);
        }
        if (bytes.length > MOST_BYTES) {
            throw new PolicyFormatException(file, "a policy's record must have at most " + MOST_BYTES + " bytes");
        }
        try {
            JsonNode tree = MAPPER.readTree(bytes);
            requireVersion(file, tree);
            ObjectNode fields = tree.<ObjectNode>deepCopy().without(List.of(FORMAT_FIELD, VERSION_FIELD));
            return MAPPER.treeToValue(fields, PolicyRecord.class);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw refused(file, e);
        }
    }

    static PolicyFormatException refused(Path file, Exception e) {
        return new PolicyFormatException(file, "is not a policy record: " + reason(e), e);
    }

    private static void requireVersion(Path file, JsonNode tree) throws PolicyFormatException {
        if (!FORMAT.equals(tree.path(FORMAT_FIELD).textValue())) {
            throw new PolicyFormatException(file, "the format must be '" + FORMAT + "'");
        }
        JsonNode version = tree.path(VERSION_FIELD);
        if (!version.isInt() || version.intValue() != VERSION) {
            throw new PolicyFormatException(
                    file, "unknown version " + version.asText() + ", this library knows only version " + VERSION);
        }
    }

    static String reason(Exception e) {
        Throwable cause = e.getCause() instanceof IllegalArgumentException rule ? rule : e;
        return cause instanceof JsonProcessingException json
                ? JsonFault.sentence(json)
                : Shown.sentence(String.valueOf(cause.getMessage()));
    }
}
