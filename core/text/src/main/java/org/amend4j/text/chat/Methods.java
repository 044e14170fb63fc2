/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Methods of texts and dicts; those of Python that are not understood here are refused by name. */
final class Methods {

    private static final Set<String> OTHERS_OF_TEXTS = Set.of(
            "casefold",
            "center",
            "count",
            "encode",
            "expandtabs",
            "format",
            "format_map",
            "index",
            "isalnum",
            "isalpha",
            "isascii",
            "isdecimal",
            "isdigit",
            "isidentifier",
            "islower",
            "isnumeric",
            "isprintable",
            "isspace",
            "istitle",
            "isupper",
            "ljust",
            "maketrans",
            "partition",
            "removeprefix",
            "removesuffix",
            "rfind",
            "rindex",
            "rjust",
            "rpartition",
            "rsplit",
            "splitlines",
            "swapcase",
            "translate",
            "zfill");
    private static final Set<String> OTHERS_OF_DICTS =
            Set.of("clear", "copy", "fromkeys", "pop", "popitem", "setdefault", "update");
    private static final Set<String> OTHERS_OF_LISTS =
            Set.of("append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort");

    private Methods() {}

    static Optional<Callable> of(Object object, String name) {
        if (object instanceof String text) {
            return known(ofText(text, name), OTHERS_OF_TEXTS, object, name);
        }
        if (object instanceof Dict dict) {
            return known(ofDict(dict, name), OTHERS_OF_DICTS, object, name);
        }
        return object instanceof Items ? known(Optional.empty(), OTHERS_OF_LISTS, object, name) : Optional.empty();
    }

    private static Optional<Callable> known(Optional<Callable> method, Set<String> others, Object object, String name) {
        if (others.contains(name) || name.startsWith("__")) {
            throw new ChatTemplateException(
                    "the method '" + name + "' of '" + Values.type(object) + "' is not understood here");
        }
        return method;
    }

    private static Optional<Callable> ofDict(Dict dict, String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "items" ->
                        (given, in) -> {
                            given.only(name);
                            return Values.list(dict.items(), in.budget());
                        };
                    case "keys" ->
                        (given, in) -> {
                            given.only(name);
                            return Items.list(Values.elements(dict, in.budget()));
                        };
                    case "values" ->
                        (given, in) -> {
                            given.only(name);
                            return Values.list(new ArrayList<>(dict.entries().values()), in.budget());
                        };
                    case "get" ->
                        (given, in) -> {
                            given.only(name, "key", "default");
                            Object fallback = given.get(1, "default").orElse(None.NONE);
                            return given.required(0, "key") instanceof String key
                                    ? Optional.ofNullable(dict.entries().get(key))
                                            .orElse(fallback)
                                    : fallback;
                        };
                    default -> null;
                });
    }

    private static Optional<Callable> ofText(String text, String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "strip", "lstrip", "rstrip" ->
                        (given, in) -> TextOperations.strip(
                                text,
                                given.only(name, "chars").text(0, "chars"),
                                !name.equals("rstrip"),
                                !name.equals("lstrip"),
                                in.budget());
                    case "startswith", "endswith" ->
                        (given, in) -> {
                            Object end = given.only(name, "prefix").required(0, "prefix");
                            return ends(end).stream()
                                    .anyMatch(
                                            one -> name.equals("endswith") ? text.endsWith(one) : text.startsWith(one));
                        };
                    case "split" ->
                        (given, in) -> TextOperations.split(
                                text,
                                given.only(name, "sep", "maxsplit").text(0, "sep"),
                                given.get(1, "maxsplit")
                                        .map(most -> Values.index(most, "maxsplit"))
                                        .orElse(-1),
                                in.budget());
                    case "replace" ->
                        (given, in) -> TextOperations.replace(
                                text,
                                string(given.only(name, "old", "new", "count"), 0, "old"),
                                string(given, 1, "new"),
                                given.get(2, "count")
                                        .map(most -> Values.index(most, "count"))
                                        .orElse(-1),
                                in.budget());
                    case "find" ->
                        (given, in) -> {
                            int found = TextOperations.find(
                                    text, string(given.only(name, "sub"), 0, "sub"), 0, in.budget());
                            return BigInteger.valueOf(found < 0 ? -1 : text.codePointCount(0, found));
                        };
                    case "join" ->
                        (given, in) -> joined(text, given.only(name, "iterable").required(0, "iterable"), in);
                    case "upper", "lower", "capitalize", "title" ->
                        (given, in) -> {
                            given.only(name);
                            return Letters.of(name, text, in.budget());
                        };
                    default -> null;
                });
    }

    private static List<String> ends(Object given) {
        List<Object> all = given instanceof Items items && items.tuple() ? items.values() : List.of(given);
        return new Arguments(all, Map.of())
                .positional().stream()
                        .map(one -> string(new Arguments(List.of(one), Map.of()), 0, "prefix"))
                        .toList();
    }

    private static String string(Arguments given, int place, String name) {
        Values.defined(given.required(place, name));
        return given.text(place, name)
                .orElseThrow(
                        () -> new ChatTemplateException("the argument '" + name + "' must be a text, got 'NoneType'"));
    }

    private static String joined(String between, Object parts, Rendering in) {
        StringBuilder all = new StringBuilder();
        int place = 0;
        for (Object part : Values.elements(Values.defined(parts), in.budget())) {
            if (!(part instanceof String text)) {
                throw new ChatTemplateException(
                        "sequence item " + place + ": expected str instance, " + Values.type(part) + " found");
            }
            all.append(in.budget().made(place++ == 0 ? "" : between))
                    .append(in.budget().made(text));
        }
        return all.toString();
    }
}
