/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.List;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.VertexKind;
import org.amend4j.internal.network.VertexReading;
import org.amend4j.transformer.Gate;

/** A gate that one vertex opens for another. */
public final class GateKind implements VertexKind<Gate> {

    @Override
    public Class<Gate> configuration() {
        return Gate.class;
    }

    @Override
    public int read(VertexReading<Gate> reading) {
        if (reading.configuration().isFused()) {
            throw reading.unsupported("gates columns of one input by others of it");
        }
        int opens = reading.tokenRows(0);
        int passes = reading.tokenRows(1);
        if (reading.width(opens) != reading.width(passes)) {
            throw reading.unsupported("gates rows of " + reading.width(passes) + " by rows of " + reading.width(opens));
        }
        Operation gate =
                new Operation.Gate(reading.activation(reading.configuration().activation()));
        return reading.add(gate, List.of(opens, passes), reading.width(opens));
    }
}
