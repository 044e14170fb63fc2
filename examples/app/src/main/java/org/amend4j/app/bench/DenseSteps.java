/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.List;
import org.amend4j.backend.Arithmetic;
import org.amend4j.internal.cuda.cost.Call;
import org.amend4j.internal.cuda.cost.CountingDevice;

/** The calls that the measured steps make to a device. */
public final class DenseSteps {

    private DenseSteps() {}

    /**
     * A step of Adam, once everything is compiled and recorded, counted without a device.
     *
     * @param layers dense layers with adapters; an output layer trains in full
     * @param rank of the adapters, in [1, width]
     * @param records of a batch
     */
    public static List<Call> calls(int layers, int width, int rank, int records, Arithmetic arithmetic) {
        try (CountingDevice device = new CountingDevice()) {
            PreparedWork step =
                    new MachineWorkbench(device, arithmetic).loraStep(new DenseCase(layers, width, rank, records));
            step.run();
            device.forget();
            step.run();
            List<Call> calls = device.calls();
            step.close();
            return calls;
        }
    }
}
