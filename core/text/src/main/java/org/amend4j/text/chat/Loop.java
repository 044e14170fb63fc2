/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/** What a template knows of a loop in one of its turns, as {@code loop}. */
record Loop(List<Object> elements, int place) {

    Optional<Object> attribute(String name) {
        int size = elements.size();
        return switch (name) {
            case "first" -> Optional.of(place == 0);
            case "last" -> Optional.of(place == size - 1);
            case "index" -> number(place + 1);
            case "index0" -> number(place);
            case "length" -> number(size);
            case "revindex" -> number(size - place);
            case "revindex0" -> number(size - place - 1);
            case "depth" -> number(1); // deeper in recursive loops only
            case "depth0" -> number(0);
            case "previtem" ->
                Optional.of(place == 0 ? new Undefined("there is no previous item") : elements.get(place - 1));
            case "nextitem" ->
                Optional.of(place == size - 1 ? new Undefined("there is no next item") : elements.get(place + 1));
            case "cycle", "changed" -> throw new ChatTemplateException("'loop." + name + "' is not understood here");
            default -> Optional.empty();
        };
    }

    private static Optional<Object> number(int value) {
        return Optional.of(BigInteger.valueOf(value));
    }
}
