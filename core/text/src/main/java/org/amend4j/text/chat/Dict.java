/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A dict of Python with texts for keys, in the order of insertion. */
record Dict(Map<String, Object> entries) {

    /** Pairs of key and value. */
    List<Object> items() {
        List<Object> pairs = new ArrayList<>();
        entries.forEach((key, value) -> pairs.add(Items.tuple(key, value)));
        return pairs;
    }
}
