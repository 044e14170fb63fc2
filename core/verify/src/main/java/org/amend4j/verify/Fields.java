/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.amend4j.verify.CanonicalJson.Style;

/** The members of an object of a certificate, read with their types and ranges; {@link #finish} finds unknown ones. */
final class Fields {

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    private final String path;
    private final Json.Obj object;
    private final Style style;
    private final Set<String> read = new HashSet<>();

    Fields(String path, Json.Obj object, Style style) {
        this.path = path;
        this.object = object;
        this.style = style;
    }

    private String place(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** A member that must be there. */
    Json value(String name) throws RejectedException {
        Json value = object.members().get(name);
        if (value == null) {
            throw new RejectedException(place(name) + " is missing");
        }
        read.add(name);
        return value;
    }

    Set<String> names() {
        return object.members().keySet();
    }

    Fields object(String name) throws RejectedException {
        return object(value(name), place(name));
    }

    private Fields object(Json value, String place) throws RejectedException {
        if (value instanceof Json.Obj inner) {
            return new Fields(place, inner, style);
        }
        throw new RejectedException(place + " must be an object");
    }

    private List<Json> array(String name) throws RejectedException {
        if (value(name) instanceof Json.Arr array) {
            return array.items();
        }
        throw new RejectedException(place(name) + " must be an array");
    }

    List<Fields> objects(String name) throws RejectedException {
        List<Fields> objects = new ArrayList<>();
        for (Json item : array(name)) {
            objects.add(object(item, place(name) + "[" + objects.size() + "]"));
        }
        return objects;
    }

    List<String> texts(String name) throws RejectedException {
        List<String> texts = new ArrayList<>();
        for (Json item : array(name)) {
            texts.add(text(item, place(name)));
        }
        return texts;
    }

    List<Integer> integers(String name, int least, int most) throws RejectedException {
        List<Integer> integers = new ArrayList<>();
        for (Json item : array(name)) {
            integers.add((int) whole(item, place(name), least, most));
        }
        return integers;
    }

    String text(String name) throws RejectedException {
        return text(value(name), place(name));
    }

    private static String text(Json value, String place) throws RejectedException {
        if (value instanceof Json.Text text) {
            return text.value();
        }
        throw new RejectedException(place + " must be a text");
    }

    /** One of a closed set. */
    <E extends Enum<E>> E oneOf(String name, Class<E> set) throws RejectedException {
        String text = text(name);
        for (E constant : set.getEnumConstants()) {
            if (constant.name().equals(text)) {
                return constant;
            }
        }
        throw new RejectedException(place(name) + " must be one of " + List.of(set.getEnumConstants()));
    }

    /** One of a few words. */
    String word(String name, Set<String> words) throws RejectedException {
        String text = text(name);
        if (!words.contains(text)) {
            throw new RejectedException(place(name) + " must be one of " + words);
        }
        return text;
    }

    /** 64 hexadecimal digits. */
    String hash(String name) throws RejectedException {
        String text = text(name);
        if (!HASH.matcher(text).matches()) {
            throw new RejectedException(place(name) + " must be 64 hexadecimal digits");
        }
        return text;
    }

    int integer(String name, int least, int most) throws RejectedException {
        return (int) whole(value(name), place(name), least, most);
    }

    long whole(String name, long least, long most) throws RejectedException {
        return whole(value(name), place(name), least, most);
    }

    private static long whole(Json value, String place, long least, long most) throws RejectedException {
        if (value instanceof Json.Num number && number.isWhole()) {
            try {
                long whole = Long.parseLong(number.token());
                if (whole >= least && whole <= most) {
                    return whole;
                }
            } catch (NumberFormatException e) {
                // too many digits: outside of every range
            }
        }
        throw new RejectedException(place + " must be a whole number in [" + least + ", " + most + "]");
    }

    /** A finite number in [least, most]. */
    double number(String name, double least, double most) throws RejectedException {
        return number(value(name), place(name), least, most);
    }

    /** In format 1 doubles are told from whole numbers by their point. */
    private double number(Json value, String place, double least, double most) throws RejectedException {
        if (value instanceof Json.Num number && (style == Style.JCS || !number.isWhole())) {
            double parsed = Double.parseDouble(number.token());
            if (parsed >= least && parsed <= most && Double.isFinite(parsed)) {
                return parsed;
            }
        }
        throw new RejectedException(place + " must be a finite number in [" + least + ", " + most + "]");
    }

    /** A number that is not negative, or the text "Infinity". */
    double numberOrInfinity(String name) throws RejectedException {
        if (value(name) instanceof Json.Text text && text.value().equals("Infinity")) {
            return Double.POSITIVE_INFINITY;
        }
        return number(name, 0, Double.MAX_VALUE);
    }

    /** Refuses members that were not read. */
    void finish() throws RejectedException {
        for (String name : object.members().keySet()) {
            if (!read.contains(name)) {
                throw new RejectedException(place(name) + " is not known to this version");
            }
        }
    }
}
