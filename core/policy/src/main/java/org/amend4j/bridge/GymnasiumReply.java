/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.environment.Space;

/**
 * One line from the peer, with the block before it, read strictly. NaN and infinities are accepted as numbers, to be judged by the
 * caller.
 */
final class GymnasiumReply {

    private static final ObjectReader READER = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build()
            .readerFor(JsonNode.class);

    /** What a field says of numbers that are in the block. */
    private static final String BLOCK = "block";

    private final JsonNode content;
    private final byte[] block;

    private GymnasiumReply(JsonNode content, byte[] block) {
        this.content = content;
        this.block = block;
    }

    /** @throws GymnasiumException if it is no JSON object, or the peer's error */
    static GymnasiumReply of(LineProcess.Message message) {
        String line = message.line();
        JsonNode content;
        try {
            content = READER.readTree(line);
        } catch (JsonProcessingException e) {
            throw new GymnasiumException("an answer must be JSON, got '" + GymnasiumException.shortened(line) + "'", e);
        }
        if (!content.isObject()) {
            throw new GymnasiumException(
                    "an answer must be a JSON object, got '" + GymnasiumException.shortened(line) + "'");
        }
        if (content.has("error")) {
            throw GymnasiumException.said(
                    content.get("error").asText(), content.path("missing").asBoolean());
        }
        return new GymnasiumReply(content, message.block());
    }

    boolean has(String field) {
        return content.has(field);
    }

    int integer(String field) {
        JsonNode value = content.path(field);
        if (!value.isInt()) {
            throw refused(field, "an integer");
        }
        return value.intValue();
    }

    double number(String field) {
        JsonNode value = content.path(field);
        if (!value.isNumber()) {
            throw refused(field, "a number");
        }
        return value.doubleValue();
    }

    /** Lists of numbers, or the block. */
    double[][] points(String field, int length, List<Leaf> leaves) {
        if (!content.path(field).asText().equals(BLOCK)) {
            return vectors(field, length, Leaf.numbers(leaves));
        }
        requireBlock(length * Leaf.bytes(leaves));
        ByteBuffer numbers = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        double[][] result = new double[length][Leaf.numbers(leaves)];
        for (double[] point : result) {
            int at = 0;
            for (Leaf leaf : leaves) {
                leaf.read(numbers, point, at);
                at += leaf.size();
            }
        }
        return result;
    }

    /** What a point has in a block: leaves with so many numbers in all. */
    List<Leaf> leaves(String field, int size) {
        List<Leaf> leaves = new ArrayList<>();
        for (JsonNode leaf : content.path(field)) {
            if (!leaf.path(0).isInt()
                    || leaf.path(0).intValue() < 0
                    || !leaf.path(1).isBoolean()) {
                throw refused(field, "sizes, each with true or false");
            }
            leaves.add(new Leaf(leaf.path(0).intValue(), leaf.path(1).booleanValue()));
        }
        if (Leaf.numbers(leaves) != size) {
            throw refused(field, "of " + size + " numbers in all");
        }
        return leaves;
    }

    /** Some numbers of a point in a block, unsigned bytes or doubles. */
    record Leaf(int size, boolean ofBytes) {

        static int numbers(List<Leaf> leaves) {
            return leaves.stream().mapToInt(Leaf::size).reduce(0, Math::addExact);
        }

        static long bytes(List<Leaf> leaves) {
            return leaves.stream()
                    .mapToLong(leaf -> leaf.ofBytes ? leaf.size : (long) Double.BYTES * leaf.size)
                    .sum();
        }

        void read(ByteBuffer from, double[] point, int at) {
            for (int i = at; i < at + size; i++) {
                point[i] = ofBytes ? Byte.toUnsignedInt(from.get()) : from.getDouble();
            }
        }
    }

    private void requireBlock(long bytes) {
        if (block.length != bytes) {
            throw new GymnasiumException("the block of an answer must have " + bytes + " bytes, got " + block.length);
        }
    }

    /** Height and width, and the block with three bytes of each pixel. */
    GymnasiumPicture picture(String field) {
        double[] sides = vector(content.path(field), field, 2);
        if (!(sides[0] >= 1 && sides[1] >= 1)) {
            throw refused(field, "a height and a width");
        }
        int height = (int) sides[0];
        int width = (int) sides[1];
        requireBlock(3L * height * width);
        return new GymnasiumPicture(height, width, block);
    }

    private double[][] vectors(String field, int length, int size) {
        JsonNode rows = list(content.path(field), field, length);
        double[][] result = new double[length][];
        for (int i = 0; i < length; i++) {
            result[i] = vector(rows.get(i), field, size);
        }
        return result;
    }

    double[] numbers(String field, int length) {
        return vector(content.path(field), field, length);
    }

    boolean[] flags(String field, int length) {
        return booleans(content.path(field), field, length);
    }

    /** Flags of each; none where an environment has told none. */
    boolean[][] masks(String field, int length, int size) {
        JsonNode rows = list(content.path(field), field, length);
        boolean[][] result = new boolean[length][];
        for (int i = 0; i < length; i++) {
            result[i] = rows.get(i).isNull() ? new boolean[0] : booleans(rows.get(i), field, size);
        }
        return result;
    }

    Space space(String field) {
        return space(content.path(field), field);
    }

    private Space space(JsonNode space, String field) {
        if (space.path("count").isInt()) {
            return new Space.Discrete(space.path("count").intValue());
        }
        if (space.path("counts").isArray()) {
            return new Space.MultiDiscrete(Arrays.stream(vector(
                            space.path("counts"), field, space.path("counts").size()))
                    .mapToInt(count -> (int) count)
                    .toArray());
        }
        if (space.path("parts").isArray()) {
            Map<String, Space> parts = new LinkedHashMap<>();
            for (JsonNode part : space.path("parts")) {
                parts.put(part.path("name").asText(), space(part.path("space"), field));
            }
            return new Space.Dict(parts);
        }
        int size = space.path("low").size();
        return new Space.Box(vector(space.path("low"), field, size), vector(space.path("high"), field, size));
    }

    private double[] vector(JsonNode node, String field, int size) {
        JsonNode numbers = list(node, field, size);
        double[] result = new double[size];
        for (int i = 0; i < size; i++) {
            if (!numbers.get(i).isNumber()) {
                throw refused(field, "numbers");
            }
            result[i] = numbers.get(i).doubleValue();
        }
        return result;
    }

    private boolean[] booleans(JsonNode node, String field, int size) {
        JsonNode flags = list(node, field, size);
        boolean[] result = new boolean[size];
        for (int i = 0; i < size; i++) {
            if (!flags.get(i).isBoolean()) {
                throw refused(field, "true or false");
            }
            result[i] = flags.get(i).booleanValue();
        }
        return result;
    }

    private JsonNode list(JsonNode node, String field, int length) {
        if (!node.isArray() || node.size() != length) {
            throw refused(field, "lists of " + length);
        }
        return node;
    }

    private GymnasiumException refused(String field, String rule) {
        return new GymnasiumException("'" + field + "' of an answer must be " + rule + ", got "
                + GymnasiumException.shortened(content.path(field).toString()));
    }
}
