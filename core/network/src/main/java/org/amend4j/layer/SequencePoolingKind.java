/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.List;
import org.amend4j.network.Operation;
import org.amend4j.network.Operation.PoolTokens.Kind;
import org.amend4j.network.VertexKind;
import org.amend4j.network.VertexReading;
import org.amend4j.transformer.SequencePooling;

/** A row for each example of the rows of its tokens. */
public final class SequencePoolingKind implements VertexKind<SequencePooling> {

    @Override
    public Class<SequencePooling> configuration() {
        return SequencePooling.class;
    }

    @Override
    public int read(VertexReading<SequencePooling> reading) {
        Kind kind = switch (reading.configuration().pooling()) {
            case FIRST -> Kind.FIRST;
            case MEAN -> Kind.MEAN;
            case LAST -> Kind.LAST;
        };
        int rows = reading.tokenRows(0);
        reading.leavesFeatures();
        return reading.add(new Operation.PoolTokens(kind), List.of(rows, reading.tokens(1)), reading.width(rows));
    }
}
