/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.util.NameTransformer;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * The writer of all reports: records (their components are fields, in their order), maps, lists, strings, numbers and booleans. An empty
 * {@link Optional} is no field. Unwrapped, an optional record is its fields or none.
 */
public final class Json {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .visibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
            .addModule(new SimpleModule()
                    .addSerializer(new IfPresent<>(Optional.class, one -> one))
                    .addSerializer(new IfPresent<>(
                            OptionalDouble.class,
                            number -> number.isPresent() ? Optional.of(number.getAsDouble()) : Optional.empty())))
            .withConfigOverride(Optional.class, Json::leaveOut)
            .withConfigOverride(OptionalDouble.class, Json::leaveOut)
            .build();

    private Json() {}

    private static void leaveOut(com.fasterxml.jackson.databind.cfg.MutableConfigOverride type) {
        type.setInclude(JsonInclude.Value.construct(JsonInclude.Include.NON_EMPTY, JsonInclude.Include.ALWAYS));
    }

    /** Indented. */
    public static String text(Object facts) {
        try {
            return MAPPER.writeValueAsString(facts);
        } catch (JsonProcessingException notPlain) {
            throw new IllegalStateException(
                    "facts must be records, maps, lists, strings, numbers and booleans", notPlain);
        }
    }

    /** The same as a tree. */
    public static JsonNode tree(Object facts) {
        return MAPPER.valueToTree(facts);
    }

    /**
     * What was written.
     *
     * @throws JsonProcessingException if it is not JSON
     */
    public static JsonNode read(byte[] text) throws IOException {
        return MAPPER.readTree(text);
    }

    /** Writes what is there. */
    private static final class IfPresent<T> extends StdSerializer<T> {

        private static final long serialVersionUID = 1L;

        private final transient Function<T, Optional<?>> content;

        IfPresent(Class<T> type, Function<T, Optional<?>> content) {
            super(type);
            this.content = content;
        }

        @Override
        public boolean isEmpty(SerializerProvider provider, T value) {
            return content.apply(value).isEmpty();
        }

        @Override
        public void serialize(T value, JsonGenerator generator, SerializerProvider provider) throws IOException {
            provider.defaultSerializeValue(content.apply(value).orElseThrow(), generator);
        }

        @Override
        public JsonSerializer<T> unwrappingSerializer(NameTransformer names) {
            return new FieldsIfPresent<>(handledType(), content, names);
        }
    }

    /** Writes the fields of what is there among those of what it is a part of. */
    private static final class FieldsIfPresent<T> extends StdSerializer<T> {

        private static final long serialVersionUID = 1L;

        private final transient Function<T, Optional<?>> content;
        private final transient NameTransformer names;

        FieldsIfPresent(Class<T> type, Function<T, Optional<?>> content, NameTransformer names) {
            super(type);
            this.content = content;
            this.names = names;
        }

        @Override
        public boolean isEmpty(SerializerProvider provider, T value) {
            return content.apply(value).isEmpty();
        }

        @Override
        public boolean isUnwrappingSerializer() {
            return true;
        }

        @Override
        public void serialize(T value, JsonGenerator generator, SerializerProvider provider) throws IOException {
            Object fields = content.apply(value).orElseThrow();
            provider.findValueSerializer(fields.getClass())
                    .unwrappingSerializer(names)
                    .serialize(fields, generator, provider);
        }
    }
}
