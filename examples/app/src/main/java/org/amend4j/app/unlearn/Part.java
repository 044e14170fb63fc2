/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.util.Map;

/** A part of the demo's story, done. */
interface Part {

    /** For JSON. */
    Map<String, Object> facts();

    /** For people; ends with a line end. */
    String text();
}
