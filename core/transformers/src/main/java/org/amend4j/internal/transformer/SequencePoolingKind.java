/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.List;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Operation.PoolTokens.Row;
import org.amend4j.internal.network.VertexKind;
import org.amend4j.internal.network.VertexReading;
import org.amend4j.transformer.SequencePooling;

/** A row for each example of the rows of its tokens. */
public final class SequencePoolingKind implements VertexKind<SequencePooling> {

    @Override
    public Class<SequencePooling> configuration() {
        return SequencePooling.class;
    }

    @Override
    public int read(VertexReading<SequencePooling> reading) {
        Row row = switch (reading.configuration().pooling()) {
            case FIRST -> Row.FIRST;
            case MEAN -> Row.MEAN;
            case LAST -> Row.LAST;
        };
        int rows = reading.tokenRows(0);
        reading.leavesFeatures();
        return reading.add(new Operation.PoolTokens(row), List.of(rows, reading.tokens(1)), reading.width(rows));
    }
}
