/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.amend4j.internal.text.Shown;
import org.jspecify.annotations.Nullable;

/** Tokens and their ids, each once. */
final class Vocabulary {

    /** No id. */
    static final int NONE = -1;

    private static final int MOST_HOLES = 1 << 20;

    private final Map<String, Integer> ids;
    private final @Nullable String[] tokens;

    /**
     * Checks and takes a map.
     *
     * @throws IllegalArgumentException if two tokens have one id, or ids are far apart
     */
    Vocabulary(Map<String, Integer> ids) {
        this.ids = new HashMap<>(ids);
        int highest = -1;
        for (int id : ids.values()) {
            highest = Math.max(highest, id);
        }
        if (highest >= ids.size() + MOST_HOLES) {
            throw new IllegalArgumentException(
                    "ids of " + ids.size() + " tokens must be below " + (ids.size() + MOST_HOLES) + ", got " + highest);
        }
        tokens = new String[highest + 1];
        ids.forEach((token, id) -> {
            if (tokens[id] != null) {
                throw new IllegalArgumentException("tokens must differ in their ids, got " + id + " for "
                        + Shown.quoted("" + tokens[id]) + " and " + Shown.quoted(token));
            }
            tokens[id] = token;
        });
    }

    /** The id of a token, or {@link #NONE}. */
    int id(String token) {
        Integer id = ids.get(token);
        return id == null ? NONE : id;
    }

    OptionalInt find(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The token of an id, or null. */
    @Nullable
    String token(int id) {
        return id >= 0 && id < tokens.length ? tokens[id] : null;
    }

    /** How many tokens. */
    int size() {
        return ids.size();
    }

    /** One more than the highest id. */
    int bound() {
        return tokens.length;
    }

    /** In characters of UTF-16. */
    int longestToken() {
        return Arrays.stream(tokens)
                .mapToInt(token -> token == null ? 0 : token.length())
                .max()
                .orElse(0);
    }
}
