/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.math.BigInteger;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Functions that every chat template may call. */
final class Functions {

    /** As Jinja's sandbox bounds it. */
    private static final int LONGEST_RANGE = 100_000;

    private Functions() {}

    static Map<String, Object> all(ZonedDateTime now) {
        Map<String, Object> all = new HashMap<>();
        put(all, "raise_exception", (given, in) -> {
            throw new ChatTemplateException(
                    PythonText.of(given.only("raise_exception", "message").required(0, "message"), in.budget()));
        });
        put(
                all,
                "strftime_now",
                (given, in) -> in.budget()
                        .made(PythonTime.of(
                                now,
                                given.only("strftime_now", "format")
                                        .text(0, "format")
                                        .orElseThrow(() -> new ChatTemplateException("strftime_now needs a format")))));
        put(all, "namespace", (given, in) -> new Namespace(entries("namespace", given, in)));
        put(all, "dict", (given, in) -> new Dict(entries("dict", given, in)));
        put(all, "range", Functions::range);
        return all;
    }

    private static void put(Map<String, Object> all, String name, Callable function) {
        all.put(name, function);
    }

    private static Map<String, Object> entries(String what, Arguments given, Rendering in) {
        Map<String, Object> entries = new LinkedHashMap<>();
        if (given.positional().size() > 1) {
            throw new ChatTemplateException(what + " takes at most 1 argument without a name");
        }
        if (given.positional().size() == 1) {
            if (!(Values.defined(given.positional().get(0)) instanceof Dict dict)) {
                throw new ChatTemplateException(what + " takes a dict or arguments with names here");
            }
            entries.putAll(dict.entries());
        }
        entries.putAll(given.named());
        in.budget().make(8L * entries.size());
        return entries;
    }

    private static Object range(Arguments given, Rendering in) {
        given.only("range", "start", "stop", "step");
        int first = Values.index(given.required(0, "start"), "start");
        boolean two = given.positional().size() > 1;
        long begin = two ? first : 0;
        long end = two ? Values.index(given.required(1, "stop"), "stop") : first;
        long step = given.get(2, "step").map(by -> Values.index(by, "step")).orElse(1);
        if (step == 0) {
            throw new ChatTemplateException("range() arg 3 must not be zero");
        }
        long count = Math.max(0, (end - begin + step - Long.signum(step)) / step);
        if (count > LONGEST_RANGE) {
            throw new ChatTemplateException(
                    "Range too big. The sandbox blocks ranges larger than MAX_RANGE (" + LONGEST_RANGE + ").");
        }
        List<Object> numbers = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            numbers.add(BigInteger.valueOf(begin + i * step));
        }
        return Values.list(numbers, in.budget());
    }
}
