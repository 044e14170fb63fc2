/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Makes ND4J's default numbers doubles: Deeplearning4j's {@code LastTimeStep} copies into these, whatever the network's are. */
public final class DoublesByDefault implements BeforeEachCallback, AfterEachCallback {

    private DataType before = Nd4j.defaultFloatingPointType();

    @Override
    public void beforeEach(ExtensionContext context) {
        before = Nd4j.defaultFloatingPointType();
        Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Nd4j.setDefaultDataTypes(before, before);
    }
}
