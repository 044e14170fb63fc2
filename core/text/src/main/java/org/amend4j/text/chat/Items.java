/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.List;

/** A list of Python, or a tuple. */
record Items(List<Object> values, boolean tuple) {

    static Items list(List<Object> values) {
        return new Items(values, false);
    }

    static Items tuple(Object... values) {
        return new Items(List.of(values), true);
    }
}
