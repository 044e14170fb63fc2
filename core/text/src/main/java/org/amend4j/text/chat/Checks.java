/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The tests that chat templates use. */
final class Checks {

    private static final Map<String, Check> ALL = Map.ofEntries(
            kind("defined", value -> !(value instanceof Undefined)),
            kind("undefined", Undefined.class::isInstance),
            kind("none", value -> value == None.NONE),
            kind("string", String.class::isInstance),
            kind("mapping", Dict.class::isInstance),
            kind("iterable", Checks::isSequence),
            kind("sequence", Checks::isSequence),
            kind("boolean", Boolean.class::isInstance),
            kind("true", Boolean.TRUE::equals),
            kind("false", Boolean.FALSE::equals),
            kind("number", value -> Values.number(value).isPresent()),
            kind("integer", BigInteger.class::isInstance),
            kind("float", Double.class::isInstance),
            Map.entry("equalto", Checks::equal),
            Map.entry("eq", Checks::equal),
            Map.entry("==", Checks::equal),
            Map.entry("ne", (value, given, in) -> !equal(value, given, in)),
            Map.entry("!=", (value, given, in) -> !equal(value, given, in)),
            Map.entry(
                    "in",
                    (value, given, in) -> Values.contains(
                            given.only("the test 'in'", "seq").required(0, "seq"), value, in.budget())));

    private Checks() {}

    static Check named(String name) {
        return Optional.ofNullable(ALL.get(name))
                .orElseThrow(() -> new ChatTemplateException("the test '" + name + "' is not understood here"));
    }

    private static Map.Entry<String, Check> kind(String name, Predicate<Object> is) {
        return Map.entry(name, (value, given, in) -> {
            given.only("the test '" + name + "'");
            return is.test(value);
        });
    }

    private static boolean isSequence(Object value) {
        return value instanceof Items || value instanceof String || value instanceof Dict || value instanceof Undefined;
    }

    private static boolean equal(Object value, Arguments given, Rendering in) {
        return Values.equal(value, given.only("this test", "other").required(0, "other"), in.budget());
    }
}
