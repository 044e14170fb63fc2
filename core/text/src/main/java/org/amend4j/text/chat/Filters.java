/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The filters that chat templates use. */
final class Filters {

    private static final Map<String, Filter> ALL = Map.ofEntries(
            Map.entry("tojson", (value, given, in) -> PythonJson.of(value, given, in.budget())),
            Map.entry("length", Filters::length),
            Map.entry("count", Filters::length),
            Map.entry("default", Filters::fallback),
            Map.entry("d", Filters::fallback),
            Map.entry("string", Filters::string),
            Map.entry("safe", Filters::string),
            Map.entry(
                    "trim",
                    (value, given, in) -> TextOperations.strip(
                            PythonText.of(value, in.budget()),
                            given.only("the filter 'trim'", "chars").text(0, "chars"),
                            true,
                            true,
                            in.budget())),
            Map.entry("upper", letters("upper")),
            Map.entry("lower", letters("lower")),
            Map.entry("capitalize", letters("capitalize")),
            Map.entry("replace", Filters::replace),
            Map.entry("join", Filters::join),
            Map.entry("list", (value, given, in) -> {
                given.only("the filter 'list'");
                return Values.list(List.copyOf(Values.elements(value, in.budget())), in.budget());
            }),
            Map.entry("first", (value, given, in) -> end(value, given, in, true)),
            Map.entry("last", (value, given, in) -> end(value, given, in, false)),
            Map.entry("items", Filters::items),
            Map.entry("dictsort", Filters::dictsort),
            Map.entry("map", Filters::map),
            Map.entry("select", (value, given, in) -> selected(value, given, in, false, true)),
            Map.entry("reject", (value, given, in) -> selected(value, given, in, false, false)),
            Map.entry("selectattr", (value, given, in) -> selected(value, given, in, true, true)),
            Map.entry("rejectattr", (value, given, in) -> selected(value, given, in, true, false)));

    private Filters() {}

    static Filter named(String name) {
        return Optional.ofNullable(ALL.get(name))
                .orElseThrow(() -> new ChatTemplateException("the filter '" + name + "' is not understood here"));
    }

    private static Object length(Object value, Arguments given, Rendering in) {
        given.only("the filter 'length'");
        return BigInteger.valueOf(Values.length(value, in.budget()));
    }

    private static Object fallback(Object value, Arguments given, Rendering in) {
        given.only("the filter 'default'", "default_value", "boolean");
        boolean missing = value instanceof Undefined || (given.flag(1, "boolean") && !Values.truth(value));
        return missing ? given.get(0, "default_value").orElse("") : value;
    }

    private static Object string(Object value, Arguments given, Rendering in) {
        given.only("this filter");
        return PythonText.of(value, in.budget());
    }

    private static Filter letters(String name) {
        return (value, given, in) -> {
            given.only("the filter '" + name + "'");
            return Letters.of(name, PythonText.of(value, in.budget()), in.budget());
        };
    }

    private static Object replace(Object value, Arguments given, Rendering in) {
        given.only("the filter 'replace'", "old", "new", "count");
        return TextOperations.replace(
                PythonText.of(value, in.budget()),
                PythonText.of(given.required(0, "old"), in.budget()),
                PythonText.of(given.required(1, "new"), in.budget()),
                given.get(2, "count")
                        .filter(count -> count != None.NONE)
                        .map(count -> Values.index(count, "count"))
                        .orElse(-1),
                in.budget());
    }

    private static Object join(Object value, Arguments given, Rendering in) {
        given.only("the filter 'join'", "d", "attribute");
        String between =
                given.get(0, "d").map(d -> PythonText.of(d, in.budget())).orElse("");
        Optional<Object> path = given.get(1, "attribute").filter(name -> name != None.NONE);
        StringBuilder all = new StringBuilder();
        List<Object> elements = Values.elements(value, in.budget());
        for (int i = 0; i < elements.size(); i++) {
            Object element = elements.get(i);
            Object part =
                    path.map(name -> Members.path(element, name, in.budget())).orElse(element);
            all.append(in.budget().made(i == 0 ? "" : between));
            all.append(in.budget().made(PythonText.of(part, in.budget())));
        }
        return all.toString();
    }

    private static Object end(Object value, Arguments given, Rendering in, boolean first) {
        given.only("this filter");
        List<Object> elements = Values.elements(value, in.budget());
        return elements.isEmpty()
                ? new Undefined("No " + (first ? "first" : "last") + " item, sequence was empty.")
                : elements.get(first ? 0 : elements.size() - 1);
    }

    private static Object items(Object value, Arguments given, Rendering in) {
        given.only("the filter 'items'");
        if (value instanceof Undefined) {
            return Items.list(List.of());
        }
        if (value instanceof Dict dict) {
            return Values.list(dict.items(), in.budget());
        }
        throw new ChatTemplateException("Can only get item pairs from a mapping.");
    }

    private static Object dictsort(Object value, Arguments given, Rendering in) {
        given.only("the filter 'dictsort'");
        if (!(Values.defined(value) instanceof Dict dict)) {
            throw new ChatTemplateException("'" + Values.type(value) + "' object has no attribute 'items'");
        }
        List<String> keys = new ArrayList<>(dict.entries().keySet());
        Comparator<String> order = TextOperations::compare;
        keys.sort((a, b) -> {
            in.budget().see(Math.min(a.length(), b.length()));
            return order.compare(a.toLowerCase(Locale.ROOT), b.toLowerCase(Locale.ROOT));
        });
        List<Object> pairs = new ArrayList<>();
        keys.forEach(key -> pairs.add(Items.tuple(key, Members.element(dict, key, in.budget()))));
        return Values.list(pairs, in.budget());
    }

    private static Object map(Object value, Arguments given, Rendering in) {
        List<Object> mapped = new ArrayList<>();
        if (given.positional().isEmpty()) {
            given.only("the filter 'map'", "attribute", "default");
            Object path = given.required(0, "attribute");
            for (Object element : Values.elements(value, in.budget())) {
                Object found = Members.path(element, path, in.budget());
                mapped.add(found instanceof Undefined ? given.get(1, "default").orElse(found) : found);
            }
        } else {
            Filter filter = named(name(given, 0));
            for (Object element : Values.elements(value, in.budget())) {
                mapped.add(in.budget().deeper(() -> filter.apply(element, given.from(1), in)));
            }
        }
        return Values.list(mapped, in.budget());
    }

    private static Object selected(Object value, Arguments given, Rendering in, boolean attribute, boolean kept) {
        int place = attribute ? 1 : 0;
        Object path = attribute ? given.required(0, "attribute") : "";
        Predicate<Object> holds = Values::truth;
        if (given.positional().size() > place) {
            Check check = Checks.named(name(given, place));
            Arguments rest = given.from(place + 1);
            holds = element -> check.holds(element, rest, in);
        }
        List<Object> some = new ArrayList<>();
        for (Object element : Values.elements(value, in.budget())) {
            in.budget().step();
            Object judged = attribute ? Members.path(element, path, in.budget()) : element;
            if (holds.test(judged) == kept) {
                some.add(element);
            }
        }
        return Values.list(some, in.budget());
    }

    private static String name(Arguments given, int place) {
        return PythonText.of(given.positional().get(place), new Budget());
    }
}
