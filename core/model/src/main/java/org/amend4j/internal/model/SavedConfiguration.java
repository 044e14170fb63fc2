/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.amend4j.internal.json.JsonFault;

/**
 * The configuration in a model's zip, checked before Deeplearning4j parses it without limits.
 *
 * @param json that Deeplearning4j may parse: neither deep nor long, and with sizes whose products do not overflow
 * @param ofGraph whether it is a ComputationGraph's, else it is a MultiLayerNetwork's
 * @param statesType whether it says the type of the parameters; before 1.0.0-beta4 it did not
 */
record SavedConfiguration(String json, boolean ofGraph, boolean statesType) {

    private static final int MOST_BYTES = 1 << 24;
    private static final long MOST_TOKENS = 1 << 20;
    private static final int DEEPEST = 100;
    private static final int LONGEST_NUMBER = 100;

    /** Sizes of layers as Deeplearning4j names them; numbers of parameters are sums of products of them. */
    private static final Pattern SIZES = Pattern.compile("n(in|out).*|nheads|headsize|kernel.*|inputshape");

    /** So that four times its square, as in an LSTM, is far from an overflow. */
    private static final double LARGEST_SIZE = 0x1p28;

    private static final double LARGEST_PRODUCT = 0x1p60;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxTokenCount(MOST_TOKENS)
                    .maxNumberLength(LONGEST_NUMBER)
                    .maxNameLength(MOST_BYTES)
                    .maxStringLength(MOST_BYTES)
                    .build())
            .build());

    static SavedConfiguration read(DataInputStream in, long size) throws IOException {
        if (size > MOST_BYTES) {
            throw new IOException("the configuration must have at most " + MOST_BYTES + " bytes, got " + size);
        }
        String json = text(in.readNBytes(MOST_BYTES));
        JsonNode root = parsed(json);
        boolean ofGraph = root.has("vertices");
        if (!ofGraph && !root.has("confs")) {
            throw new IOException("its configuration is neither a ComputationGraph's nor a MultiLayerNetwork's");
        }
        requireSizes(root);
        try (JsonParser tokens = MAPPER.createParser(json)) {
            NamedClasses.requireConfigurations(tokens);
        }
        return new SavedConfiguration(json, ofGraph, root.has("dataType"));
    }

    /** Deeplearning4j writes in the charset of the platform, which is not UTF-8 everywhere. */
    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, Charset.defaultCharset());
        }
    }

    private static JsonNode parsed(String json) throws IOException {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IOException("its configuration is not the JSON of a network: " + JsonFault.sentence(e), e);
        }
    }

    private static void requireSizes(JsonNode node) throws IOException {
        double product = 1;
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (SIZES.matcher(property.getKey().toLowerCase(Locale.ROOT)).matches()) {
                product *= product(property.getKey(), property.getValue());
            }
        }
        if (product > LARGEST_PRODUCT) {
            throw new IOException("its configuration has a layer with more parameters than any");
        }
        for (JsonNode child : node) {
            requireSizes(child);
        }
    }

    private static double product(String name, JsonNode sizes) throws IOException {
        double product = 1;
        for (JsonNode size : sizes.isArray() ? sizes : List.of(sizes)) {
            if (!size.isNumber()) {
                continue;
            }
            double value = size.doubleValue();
            if (!(value >= 0 && value <= LARGEST_SIZE)) {
                throw new IOException("sizes in a configuration must be in [0, " + (long) LARGEST_SIZE + "], got "
                        + name + " = " + size);
            }
            product *= Math.max(1, value);
        }
        return product;
    }
}
