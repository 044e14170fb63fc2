/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.nio.ByteBuffer;
import java.util.List;

/** What a key of the metadata says. */
sealed interface MetadataValue {

    /** For sentences, with its article. */
    String kind();

    /** An integer of any width. */
    record Whole(ValueType type, long value) implements MetadataValue {
        @Override
        public String kind() {
            return "a whole number";
        }
    }

    /** As the shortest decimal that stands for a number in single precision has it. */
    record Fraction(double value) implements MetadataValue {
        @Override
        public String kind() {
            return "a fraction";
        }
    }

    record Truth(boolean value) implements MetadataValue {
        @Override
        public String kind() {
            return "true or false";
        }
    }

    record Text(String value) implements MetadataValue {
        @Override
        public String kind() {
            return "a text";
        }
    }

    record Texts(List<String> values) implements MetadataValue {
        @Override
        public String kind() {
            return "an array of texts";
        }
    }

    /** As the file has them, since there may be many. */
    record Numbers(ValueType type, ByteBuffer bytes) implements MetadataValue {
        @Override
        public String kind() {
            return "an array of " + type;
        }
    }
}
