/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amend4j.internal.text.Shown;
import org.jspecify.annotations.Nullable;

/** The tokens that a file has besides its model's, or marks among these. */
final class AddedTokens {

    private final Map<Integer, AddedToken> byId = new HashMap<>();
    private final Map<String, AddedToken> byContent = new HashMap<>();
    private final Set<String> specials = new HashSet<>();
    private final TokenFinder original = new TokenFinder();
    private final TokenFinder normalized = new TokenFinder();
    private final Normalizer normalizer;

    /**
     * Takes tokens in the order of the file.
     *
     * @throws IllegalArgumentException if one is there twice, or its id is another's
     */
    AddedTokens(List<AddedToken> tokens, Normalizer normalizer, Vocabulary vocabulary) {
        this.normalizer = normalizer;
        int next = vocabulary.size();
        for (AddedToken token : tokens) {
            int known = vocabulary.id(token.content());
            int expected = known == Vocabulary.NONE ? next : known;
            if (token.id() != expected) {
                throw new IllegalArgumentException("the added token " + Shown.quoted(token.content())
                        + " must have the id " + expected + " that Hugging Face gives it, got " + token.id());
            }
            next = Math.max(next, expected + 1);
            add(token);
        }
        addToFinders(tokens, true);
        addToFinders(tokens, false);
    }

    private void add(AddedToken token) {
        if (token.content().isEmpty()) {
            throw new IllegalArgumentException("an added token must have a character, got none for id " + token.id());
        }
        if (byContent.put(token.content(), token) != null || byId.put(token.id(), token) != null) {
            throw new IllegalArgumentException("added tokens must differ, got twice " + Shown.quoted(token.content())
                    + " or its id " + token.id());
        }
        if (token.special()) {
            specials.add(token.content());
        }
    }

    private void addToFinders(List<AddedToken> tokens, boolean special) {
        for (AddedToken token : tokens) {
            if (token.special() != special) {
                continue;
            }
            AlignedText sought = AlignedText.of(token.content());
            if (token.normalized()) {
                sought = normalizer.normalize(sought);
            }
            if (sought.isEmpty()) {
                throw new IllegalArgumentException(
                        "an added token must not be empty when normalized, got " + Shown.quoted(token.content()));
            }
            (token.normalized() ? normalized : original).add(sought, token);
        }
    }

    /** The added tokens in a text, and what is between them, normalized; no part is empty. */
    List<TokenFinder.Part> extract(AlignedText text) {
        List<TokenFinder.Part> found = new ArrayList<>();
        original.split(text, found);
        List<TokenFinder.Part> parts = new ArrayList<>();
        for (TokenFinder.Part part : found) {
            if (part.token() == null) {
                normalized.split(normalizer.normalize(part.text()), parts);
            } else {
                parts.add(part);
            }
        }
        return parts;
    }

    /** The content of an id, or null. */
    @Nullable
    String content(int id) {
        AddedToken token = byId.get(id);
        return token == null ? null : token.content();
    }

    /** The id of a content, or {@link Vocabulary#NONE}. */
    int id(String content) {
        AddedToken token = byContent.get(content);
        return token == null ? Vocabulary.NONE : token.id();
    }

    boolean isSpecial(String content) {
        return specials.contains(content);
    }

    /** One more than the highest id. */
    int bound() {
        return byId.keySet().stream().mapToInt(id -> id + 1).max().orElse(0);
    }
}
