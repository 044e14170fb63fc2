/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

/** How the rows of an example become one. */
public enum Pooling {
    /** That of its first token, BERT's [CLS]. */
    FIRST,
    /** Their mean. */
    MEAN,
    /** That of its last token, as causal models are pooled. */
    LAST
}
