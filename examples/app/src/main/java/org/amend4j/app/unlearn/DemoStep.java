/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

/** A part of the demo's story, done. */
interface DemoStep {

    /** For people; ends with a line end. */
    String text();
}
