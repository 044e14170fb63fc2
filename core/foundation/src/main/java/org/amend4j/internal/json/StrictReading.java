/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;

/** How JSON of strangers is read. */
public final class StrictReading {

    private StrictReading() {}

    /**
     * Parsers that refuse names that stand twice and what is nested too deeply, and keep no stranger's names. They are for
     * texts: of bytes they would let pass what is no UTF-8. How long texts are must be bounded before they are read.
     *
     * @param deepest levels of objects and arrays, >= 1
     */
    public static JsonFactoryBuilder factory(int deepest) {
        return new JsonFactoryBuilder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(deepest)
                        .maxNameLength(Integer.MAX_VALUE)
                        .maxStringLength(Integer.MAX_VALUE)
                        .build());
    }
}
