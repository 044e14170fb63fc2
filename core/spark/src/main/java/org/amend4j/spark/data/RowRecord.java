/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

import java.io.Serializable;

/**
 * A record on its way to its block.
 *
 * @param id its own
 * @param subject the number of its subject
 * @param features as its {@link RowReader} packs them
 * @param label the number of its class, or its targets
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
public record RowRecord(long id, long subject, byte[] features, double[] label) implements Serializable {

    /** A record's id, without the record. */
    public RowRecord idOnly() {
        return new RowRecord(id, subject, new byte[0], new double[0]);
    }
}
