/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parts of a value: {@code value.name}, {@code value[key]} and {@code value[begin:end:step]}. */
final class Members {

    private Members() {}

    /** A method or attribute of Python's, then an entry of that name. */
    static Object attribute(Object object, String name, Budget budget) {
        Values.defined(object);
        return own(object, name)
                .or(() -> entry(object, name, budget))
                .orElseGet(() -> new Undefined(described(object) + " has no attribute '" + name + "'"));
    }

    /** An entry, then a method or attribute of that name. */
    static Object element(Object object, Object key, Budget budget) {
        Values.defined(object);
        Optional<Object> found = entry(object, key, budget);
        if (found.isEmpty() && key instanceof String name) {
            found = own(object, name);
        }
        return found.orElseGet(() -> new Undefined(
                key instanceof String name
                        ? described(object) + " has no attribute '" + name + "'"
                        : object(object) + " has no element " + PythonText.of(key, budget)));
    }

    /** What {@code map} and its like mean by a name: entries, with points between names. */
    static Object path(Object object, Object path, Budget budget) {
        if (!(path instanceof String names)) {
            return element(object, path, budget);
        }
        Object value = object;
        for (String name : names.split("\\.", -1)) {
            boolean whole =
                    !name.isEmpty() && name.length() < 10 && name.chars().allMatch(c -> c >= '0' && c <= '9');
            value = element(value, whole ? new BigInteger(name) : name, budget);
        }
        return value;
    }

    private static Optional<Object> own(Object object, String name) {
        if (object instanceof Loop loop) {
            return loop.attribute(name);
        }
        if (object instanceof Namespace names) {
            return Optional.of(names.get(name));
        }
        return Methods.of(object, name).map(method -> method);
    }

    private static Optional<Object> entry(Object object, Object key, Budget budget) {
        if (object instanceof Dict dict) {
            return key instanceof String name
                    ? Optional.ofNullable(dict.entries().get(name))
                    : Optional.empty();
        }
        Optional<Number> number = Values.number(key).filter(BigInteger.class::isInstance);
        if (number.isEmpty() || !(object instanceof Items || object instanceof String)) {
            return Optional.empty();
        }
        int size = Values.length(object, budget);
        int index = Values.index(number.get(), "index");
        int place = index < 0 ? index + size : index;
        if (place < 0 || place >= size) {
            return Optional.empty();
        }
        return Optional.of(
                object instanceof Items items ? items.values().get(place) : character((String) object, place));
    }

    private static String character(String text, int place) {
        return Character.toString(text.codePointAt(text.offsetByCodePoints(0, place)));
    }

    private static String described(Object object) {
        return "'" + object(object) + "'";
    }

    private static String object(Object object) {
        return object == None.NONE ? "None" : Values.type(object) + " object";
    }

    static Object slice(
            Object object, Optional<Object> begin, Optional<Object> end, Optional<Object> step, Budget budget) {
        Values.defined(object);
        if (!(object instanceof Items || object instanceof String)) {
            return new Undefined(object(object) + " has no slices");
        }
        int size = Values.length(object, budget);
        int by = bound(step).orElse(1);
        if (by == 0) {
            throw new ChatTemplateException("slice step cannot be zero");
        }
        int lowest = by > 0 ? 0 : -1;
        int highest = by > 0 ? size : size - 1;
        int from = bound(begin).map(i -> clamped(i, size, lowest, highest)).orElse(by > 0 ? lowest : highest);
        int to = bound(end).map(i -> clamped(i, size, lowest, highest)).orElse(by > 0 ? highest : lowest);
        if (object instanceof String text && by == 1) {
            return from >= to ? "" : budget.made(between(text, from, to));
        }
        List<Object> all = Values.elements(object, budget);
        List<Object> some = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            some.add(all.get((int) i));
        }
        if (object instanceof Items items) {
            return new Items(Values.list(some, budget).values(), items.tuple());
        }
        StringBuilder text = new StringBuilder();
        some.forEach(text::append);
        return budget.made(text.toString());
    }

    private static String between(String text, int from, int to) {
        int begin = text.offsetByCodePoints(0, from);
        return text.substring(begin, text.offsetByCodePoints(begin, to - from));
    }

    private static Optional<Integer> bound(Optional<Object> value) {
        return value.filter(given -> given != None.NONE).map(given -> Values.index(given, "slice index"));
    }

    private static int clamped(int index, int size, int lowest, int highest) {
        return Math.max(lowest, Math.min(highest, index < 0 ? index + size : index));
    }
}
