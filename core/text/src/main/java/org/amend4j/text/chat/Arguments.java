/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Values that something is called with. */
record Arguments(List<Object> positional, Map<String, Object> named) {

    static final Arguments NO = new Arguments(List.of(), Map.of());

    /** Refuses others than these, in this order. */
    Arguments only(String what, String... names) {
        if (positional.size() > names.length) {
            throw new ChatTemplateException(
                    what + " takes at most " + names.length + " arguments, got " + positional.size());
        }
        List<String> known = List.of(names);
        named.keySet().stream()
                .filter(name -> !known.contains(name) || known.indexOf(name) < positional.size())
                .findFirst()
                .ifPresent(name -> {
                    throw new ChatTemplateException(what + " does not take the argument '" + name + "' here");
                });
        return this;
    }

    Optional<Object> get(int place, String name) {
        return Optional.ofNullable(place < positional.size() ? positional.get(place) : named.get(name));
    }

    Object required(int place, String name) {
        return get(place, name).orElseThrow(() -> new ChatTemplateException("the argument '" + name + "' is missing"));
    }

    /** A text, where it is given and not None. */
    Optional<String> text(int place, String name) {
        return get(place, name).filter(value -> value != None.NONE).map(value -> {
            if (value instanceof String text) {
                return text;
            }
            throw new ChatTemplateException(
                    "the argument '" + name + "' must be a text, got '" + Values.type(value) + "'");
        });
    }

    boolean flag(int place, String name) {
        return get(place, name).map(Values::truth).orElse(false);
    }

    /** Without the first ones. */
    Arguments from(int place) {
        return new Arguments(positional.subList(Math.min(place, positional.size()), positional.size()), named);
    }
}
