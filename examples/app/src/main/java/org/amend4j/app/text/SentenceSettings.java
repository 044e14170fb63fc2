/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.app.data.BadInputException;
import org.amend4j.transformer.Pooling;

/**
 * How a sentence model makes a vector of a text.
 *
 * @param pooling how the rows of its tokens become one
 * @param normalised whether that row is divided by its length
 */
public record SentenceSettings(Pooling pooling, boolean normalised) {

    private static final String POOLING = "1_Pooling/config.json";

    /**
     * What a folder says in the layout of the library Sentence Transformers; means of unit length where it says nothing.
     *
     * @throws BadInputException if it says something that is not known here
     */
    public static SentenceSettings of(Path folder) {
        Path file = folder.resolve(POOLING);
        if (!Files.isRegularFile(file)) {
            return new SentenceSettings(Pooling.MEAN, true);
        }
        try {
            JsonNode modes = new ObjectMapper().readTree(file.toFile());
            boolean first = modes.path("pooling_mode_cls_token").asBoolean();
            boolean mean = modes.path("pooling_mode_mean_tokens").asBoolean();
            boolean last = modes.path("pooling_mode_lasttoken").asBoolean();
            if ((first ? 1 : 0) + (mean ? 1 : 0) + (last ? 1 : 0) != 1) {
                throw new BadInputException(
                        file
                                + " must name one of the poolings cls_token, mean_tokens and lasttoken: say another with --pooling");
            }
            return new SentenceSettings(first ? Pooling.FIRST : mean ? Pooling.MEAN : Pooling.LAST, true);
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + " as JSON: say --pooling", unreadable);
        }
    }
}
