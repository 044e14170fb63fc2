/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.amend4j.internal.text.Shown;

/**
 * What is wrong with a JSON file, for whoever has the file. Jackson's own sentences are for programmers: they name classes, tokens
 * and settings of a parser.
 */
public final class JsonFault {

    private static final Pattern TWICE = Pattern.compile("Duplicate field '(.*)'", Pattern.DOTALL);

    private JsonFault() {}

    /** A short sentence without its end, as in "FILE is damaged: …". */
    public static String sentence(JsonProcessingException fault) {
        if (fault instanceof JsonMappingException mapping) {
            return mapping(mapping);
        }
        if (fault instanceof JsonEOFException) {
            return "it ends too early";
        }
        if (fault instanceof StreamConstraintsException) {
            return "it has too many values or levels, or a number or text that is too long";
        }
        String words = String.valueOf(fault.getOriginalMessage());
        if (words.startsWith("Invalid UTF-8")) {
            return "it is not UTF-8";
        }
        Matcher twice = TWICE.matcher(words);
        if (twice.matches()) {
            return "the name " + Shown.quoted(twice.group(1)) + " stands twice";
        }
        JsonLocation place = Objects.requireNonNullElse(fault.getLocation(), JsonLocation.NA);
        return "there is a mistake at line " + place.getLineNr() + ", column " + place.getColumnNr();
    }

    /** The same of a table in which cells may be quoted. */
    public static String ofTable(JsonProcessingException fault) {
        return String.valueOf(fault.getOriginalMessage()).startsWith("Missing closing quote")
                ? "a quote is opened and not closed"
                : "something stands between a cell's closing quote and its end";
    }

    private static String mapping(JsonMappingException fault) {
        if (fault instanceof UnknownNameException) {
            return fault.getOriginalMessage();
        }
        if (fault instanceof UnrecognizedPropertyException unknown) {
            return "unknown name " + Shown.quoted(unknown.getPropertyName());
        }
        if (fault instanceof InvalidTypeIdException type) {
            return "unknown kind " + Shown.quoted(String.valueOf(type.getTypeId()));
        }
        Optional<String> rule = rule(fault);
        return rule.orElseGet(() -> path(fault).isEmpty()
                ? "something else belongs there"
                : "'" + path(fault) + "' is missing, or something else belongs there");
    }

    /** What a record of ours says of its values. */
    private static Optional<String> rule(JsonMappingException fault) {
        return fault instanceof ValueInstantiationException
                        && fault.getCause() instanceof IllegalArgumentException broken
                        && broken.getMessage() != null
                ? Optional.of(Shown.sentence(broken.getMessage()))
                : Optional.empty();
    }

    private static String path(JsonMappingException fault) {
        return fault.getPath().stream()
                .map(part -> part.getFieldName() == null ? Integer.toString(part.getIndex()) : part.getFieldName())
                .map(Shown::of)
                .collect(Collectors.joining("."));
    }
}
