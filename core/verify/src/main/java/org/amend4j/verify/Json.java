/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.List;
import java.util.SortedMap;

/** A value of canonical JSON, and where it is in the text: from {@code start}, before {@code end}. */
sealed interface Json {

    int start();

    int end();

    /** Members by name. */
    record Obj(SortedMap<String, Json> members, int start, int end) implements Json {}

    /** Items. */
    record Arr(List<Json> items, int start, int end) implements Json {}

    /** A string, its escapes resolved. */
    record Text(String value, int start, int end) implements Json {}

    /** A number as it is written. */
    record Num(String token, int start, int end) implements Json {

        /** Whether it has neither a point nor an exponent. */
        boolean isWhole() {
            return !token.contains(".") && !token.contains("e");
        }
    }
}
