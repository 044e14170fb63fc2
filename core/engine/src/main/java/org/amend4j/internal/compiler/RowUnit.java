/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

/** What a value has rows for. */
enum RowUnit {
    /** A run: as many whatever its examples are. */
    RUN,
    /** Every example. */
    EXAMPLE,
    /** Every token of every example, {@link RunSize#tokens}. */
    TOKEN
}
