/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.Locale;

/**
 * Something that would take too long here to be measured; no failure.
 *
 * @param floorMilliseconds the least that it takes once
 */
record LeftOut(String what, String shape, double floorMilliseconds) {

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s, %s: left out, once would take %.1f s here at least",
                what,
                shape,
                floorMilliseconds / 1e3);
    }
}
