/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;

/**
 * One output of a cell, as far as it is compared.
 *
 * @param kind Jupyter's output type; of a stream, with its name
 * @param data by MIME type what is shown; of a picture in pixels, its type and size in place of its bytes
 */
record Output(String kind, SortedMap<String, String> data) {

    static Output of(JsonNode json) {
        String type = json.path("output_type").asText();
        SortedMap<String, String> data = new TreeMap<>();
        if (type.equals("stream")) {
            data.put("text/plain", joined(json.path("text")));
            return new Output(type + " " + json.path("name").asText(), data);
        }
        json.path("data")
                .properties()
                .forEach(entry -> data.put(entry.getKey(), shown(entry.getKey(), entry.getValue())));
        return new Output(type, data);
    }

    /** The kinds alone, for cells whose outputs vary. */
    String kinds() {
        return kind + " " + data.keySet();
    }

    private static String shown(String mime, JsonNode value) {
        boolean pixels = mime.startsWith("image/") && !mime.endsWith("+xml");
        return pixels ? mime + " " + size(joined(value)) : joined(value);
    }

    /** Notebooks have long texts as lists of lines. */
    static String joined(JsonNode text) {
        if (!text.isArray()) {
            return text.isTextual() ? text.asText() : text.toString();
        }
        return StreamSupport.stream(text.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining());
    }

    private static String size(String base64) {
        try {
            byte[] bytes = Base64.getMimeDecoder().decode(base64);
            Optional<BufferedImage> image = Optional.ofNullable(ImageIO.read(new ByteArrayInputStream(bytes)));
            return image.map(one -> one.getWidth() + " x " + one.getHeight()).orElse("unreadable");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
