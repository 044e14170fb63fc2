/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

import java.util.List;

/**
 * The columns that make up a record.
 *
 * <p>Every record has an id of its own, from its row. The number of a row is none: when a row is deleted, all behind it would have
 * other ids, and be in other blocks.
 */
public sealed interface RecordColumns permits TableColumns, PictureColumns {

    /** The columns that are read, in the order in which {@link #reader} wants them. */
    List<String> columns();

    /** What reads rows of these columns. */
    RowReader reader();
}
