/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.Optional;

/** A way of computing, as far as it is measured. */
interface Workbench {

    /** The product of two square matrices of noise, in the way that is this hardware's fastest in this precision. */
    PreparedWork product(Layout layout, int size);

    /** The same in the way that training takes; empty where that is no other. */
    Optional<PreparedWork> productOfTraining(Layout layout, int size);

    /** A copy of noise from one place in memory to another. */
    PreparedWork copy(int floats);

    /** A step of Adam on adapters and output layer, batch in memory. */
    PreparedWork loraStep(DenseCase shape);

    /** Value and gradient over all records. */
    PreparedWork fullGradient(DenseCase shape);

    /** The same with every record's gradient clipped. */
    PreparedWork clippedGradient(DenseCase shape);

    /** The time that some work takes, done so many times one after the other. */
    double milliseconds(PreparedWork work, int times);
}
