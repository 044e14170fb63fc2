/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

/** The task that a model learns from texts. */
public enum TextTask {
    /** Which token comes next. */
    CAUSAL,
    /** Which tokens were where others are now. */
    MASKED,
    /** Which class a text is of. */
    CLASSIFICATION,
    /** Which class two texts together are of. */
    PAIRS
}
