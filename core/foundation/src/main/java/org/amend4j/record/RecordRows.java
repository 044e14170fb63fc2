/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

import java.util.Optional;
import java.util.OptionalLong;

/** Rows of a table in their order, not yet matched to records. */
public interface RecordRows {

    /** The number of rows. */
    int size();

    /** The number of a row's subject; empty if rows do not name their subjects. */
    OptionalLong unit(int row);

    /** Its arrays as {@link RecordBytes} has them; empty if the row cannot be read as a record. */
    Optional<byte[]> content(int row);
}
