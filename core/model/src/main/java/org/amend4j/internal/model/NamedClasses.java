/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.amend4j.internal.text.Shown;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;

/**
 * The classes that a configuration names. Deeplearning4j's Jackson loads and initializes whatever a file names before it asks
 * whether it is a layer where a layer is expected, so that is asked here, of classes that are not initialized.
 */
final class NamedClasses {

    /** Where Deeplearning4j's types have their class. */
    private static final Set<String> PROPERTIES = Set.of("@class", "type");

    private NamedClasses() {}

    /** @throws IOException if a class is named that no part of a configuration is of */
    static void requireConfigurations(JsonParser tokens) throws IOException {
        Set<String> known = new HashSet<>();
        JsonToken before = JsonToken.NOT_AVAILABLE;
        for (JsonToken token = tokens.nextToken(); token != null; token = tokens.nextToken()) {
            // the first of a list is taken for a class, too
            boolean mayName = before == JsonToken.START_ARRAY
                    || (before == JsonToken.FIELD_NAME && PROPERTIES.contains(tokens.currentName()));
            if (token == JsonToken.VALUE_STRING && mayName && known.add(tokens.getText())) {
                requireConfiguration(tokens.getText());
            }
            before = token;
        }
    }

    private static void requireConfiguration(String name) throws IOException {
        boolean generic = name.indexOf('<') >= 0
                && found(name.substring(0, name.indexOf('<'))).isPresent();
        if (generic || found(name).filter(type -> !isConfiguration(type)).isPresent()) {
            throw new IOException(
                    "its configuration names the class " + Shown.of(name) + ", which is no part of a network");
        }
    }

    /** Of the class loaders that Jackson asks; not initialized. */
    private static Optional<Class<?>> found(String name) {
        return Stream.of(
                        Optional.ofNullable(Thread.currentThread().getContextClassLoader()),
                        Optional.ofNullable(JsonTypeInfo.class.getClassLoader()))
                .flatMap(Optional::stream)
                .flatMap(loader -> found(name, loader).stream())
                .findFirst();
    }

    private static Optional<Class<?>> found(String name, ClassLoader loader) {
        try {
            return Optional.of(Class.forName(name, false, loader));
        } catch (ClassNotFoundException | LinkageError e) {
            return Optional.empty();
        }
    }

    private static boolean isConfiguration(@Nullable Class<?> type) {
        return type != null
                && (type.isAnnotationPresent(JsonTypeInfo.class)
                        || isConfiguration(type.getSuperclass())
                        || Arrays.stream(type.getInterfaces()).anyMatch(NamedClasses::isConfiguration));
    }
}
