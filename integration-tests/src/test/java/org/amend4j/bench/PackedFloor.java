/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.integration.LoraProblem;
import org.amend4j.integration.LoraShape;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.FrozenMatrix;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.cpu.HostMachine;

/**
 * The products with frozen weights of a LoRA step and nothing else, by the fastest library there is: forward through every hidden
 * layer, back through every one but the first; packed once.
 */
final class PackedFloor implements AutoCloseable {

    /** As plans have it. */
    private static final int FEW_ROWS = 100;

    private final Owned owned = new Owned();
    private final HostMachine machine = owned.add(HostMachine.open());
    private final List<FrozenFactor> products = new ArrayList<>();
    private final List<MachineArray> places = new ArrayList<>();
    private final LoraShape shape;

    PackedFloor(LoraProblem problem) {
        this.shape = problem.shape();
        List<MachineArray> weights = new ArrayList<>();
        for (int layer = 0; layer < shape.depth(); layer++) {
            weights.add(owned.add(machine.allocate("weight", problem.weight(layer))));
        }
        weights.forEach(weight -> products.add(frozen(weight, false)));
        for (int layer = shape.depth() - 1; layer > 0; layer--) {
            products.add(frozen(weights.get(layer), true));
        }
        places.add(owned.add(machine.allocate("features", problem.features())));
        for (int product = 0; product < products.size(); product++) {
            places.add(owned.add(machine.allocate("rows", ElementType.FLOAT, (long) shape.batch() * shape.width())));
        }
    }

    private FrozenFactor frozen(MachineArray weight, boolean transposed) {
        int width = shape.width();
        int rows = shape.batch() / machine.width();
        return owned.add(machine.freeze(
                "weight", new FrozenMatrix(weight, width, width, transposed, rows, ProductPrecision.FP32)));
    }

    /** Runs the products once: each thread its share of the rows, or of a matrix's columns where a share would be few rows. */
    void step() {
        int each = shape.batch() / machine.width();
        if (each < FEW_ROWS) {
            machine.dividingProducts(() -> multiply(0, shape.batch()));
        } else {
            machine.sideBySide(machine.width(), share -> multiply(share, each));
        }
        machine.finish();
    }

    private void multiply(int share, int rows) {
        for (int product = 0; product < products.size(); product++) {
            products.get(product).multiply(part(product, share, rows), part(product + 1, share, rows), rows, 1, 0);
        }
    }

    private MachineArray part(int place, int share, int rows) {
        long length = (long) rows * shape.width();
        return places.get(place).slice(share * length, length);
    }

    @Override
    public void close() {
        owned.close();
    }
}
