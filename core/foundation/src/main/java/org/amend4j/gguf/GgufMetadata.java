/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.amend4j.safetensors.Printable;

/** The metadata of a file, by keys. A key that is there with another type than it is asked for is refused. */
public final class GgufMetadata {
    static final String ARCHITECTURE = "general.architecture";

    private final Path file;
    private final Map<String, MetadataValue> values;

    GgufMetadata(Path file, Map<String, MetadataValue> values) {
        this.file = file;
        this.values = Collections.unmodifiableMap(values);
    }

    /** In the order of the file. */
    public Set<String> keys() {
        return values.keySet();
    }

    /**
     * The name of the model's architecture, which begins the names of its keys.
     *
     * @throws GgufException if there is none, or it is no text
     */
    public String architecture() throws GgufException {
        return text(ARCHITECTURE)
                .orElseThrow(() -> new GgufException(file, "the key '" + ARCHITECTURE + "' is missing"));
    }

    /**
     * A text; empty if there is no such key.
     *
     * @throws GgufException if it is no text
     */
    public Optional<String> text(String key) throws GgufException {
        return find(key, MetadataValue.Text.class, "a text").map(MetadataValue.Text::value);
    }

    /**
     * A whole number; empty if there is no such key.
     *
     * @throws GgufException if it is no whole number
     */
    public OptionalLong whole(String key) throws GgufException {
        return find(key, MetadataValue.Whole.class, "a whole number")
                .map(value -> OptionalLong.of(value.value()))
                .orElse(OptionalLong.empty());
    }

    /**
     * A fraction; one in single precision as its shortest decimal, so that the nearest number to 0.00001 reads 0.00001.
     *
     * @throws GgufException if it is no fraction, or not finite
     */
    public OptionalDouble fraction(String key) throws GgufException {
        Optional<MetadataValue.Fraction> found = find(key, MetadataValue.Fraction.class, "a fraction");
        if (found.isPresent() && !Double.isFinite(found.get().value())) {
            throw new GgufException(
                    file,
                    "the key " + Printable.quoted(key) + " must be finite, got "
                            + found.get().value());
        }
        return found.map(value -> OptionalDouble.of(value.value())).orElse(OptionalDouble.empty());
    }

    /**
     * True or false; empty if there is no such key.
     *
     * @throws GgufException if it is not true or false
     */
    public Optional<Boolean> truth(String key) throws GgufException {
        return find(key, MetadataValue.Truth.class, "true or false").map(MetadataValue.Truth::value);
    }

    /**
     * An array of texts; empty if there is no such key.
     *
     * @throws GgufException if it is no array of texts
     */
    public Optional<List<String>> texts(String key) throws GgufException {
        return find(key, MetadataValue.Texts.class, "an array of texts").map(MetadataValue.Texts::values);
    }

    /**
     * An array of whole numbers; empty if there is no such key.
     *
     * @throws GgufException if it is no array of whole numbers
     */
    public Optional<long[]> wholes(String key) throws GgufException {
        Optional<MetadataValue.Numbers> found = find(key, MetadataValue.Numbers.class, "an array of whole numbers");
        if (found.isPresent() && !found.get().type().isWhole()) {
            throw another(key, "an array of whole numbers", found.get());
        }
        return found.map(numbers -> {
            ValueType type = numbers.type();
            long[] wholes = new long[numbers.bytes().capacity() / type.least()];
            for (int i = 0; i < wholes.length; i++) {
                wholes[i] = type.whole(numbers.bytes(), i * type.least());
            }
            return wholes;
        });
    }

    /**
     * An array of fractions in single precision; empty if there is no such key.
     *
     * @throws GgufException if it is no array of fractions in single precision
     */
    public Optional<float[]> fractions(String key) throws GgufException {
        String kind = "an array of " + ValueType.FLOAT32;
        Optional<MetadataValue.Numbers> found = find(key, MetadataValue.Numbers.class, kind);
        if (found.isPresent() && found.get().type() != ValueType.FLOAT32) {
            throw another(key, kind, found.get());
        }
        return found.map(numbers -> {
            ByteBuffer bytes = numbers.bytes();
            float[] fractions = new float[bytes.capacity() / Float.BYTES];
            for (int i = 0; i < fractions.length; i++) {
                fractions[i] = bytes.getFloat(i * Float.BYTES);
            }
            return fractions;
        });
    }

    /** As it is, to look at its type. */
    Optional<MetadataValue> value(String key) {
        return Optional.ofNullable(values.get(key));
    }

    private <T extends MetadataValue> Optional<T> find(String key, Class<T> type, String kind) throws GgufException {
        MetadataValue value = values.get(key);
        if (value != null && !type.isInstance(value)) {
            throw another(key, kind, value);
        }
        return Optional.ofNullable(value).map(type::cast);
    }

    private GgufException another(String key, String kind, MetadataValue value) {
        return new GgufException(
                file, "the key " + Printable.quoted(key) + " must be " + kind + ", got " + value.kind());
    }
}
