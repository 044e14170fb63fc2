/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Bounds how much a tree of a stranger's JSON can hold. */
final class CountedParser extends JsonParserDelegate {

    private static final int MOST = 1 << 21;

    private int count;

    CountedParser(JsonParser parser) {
        super(parser);
    }

    @Override
    public @Nullable JsonToken nextToken() throws IOException {
        if (++count > MOST) {
            throw new IllegalArgumentException("a part other than the model must have at most " + MOST + " values");
        }
        return super.nextToken();
    }

    @Override
    public @Nullable String nextFieldName() throws IOException {
        return nextToken() == JsonToken.FIELD_NAME ? currentName() : null;
    }
}
