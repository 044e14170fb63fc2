/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Map;

/** What is done to rows before they are multiplied. */
interface Normalization {

    /** to = the normalised rows. */
    void apply(Row[] rows, float[][] x, float[][] to);

    /** Its bias, by its path in the model, if it has one, which adapters may train. */
    default Map<String, float[]> bias() {
        return Map.of();
    }
}
